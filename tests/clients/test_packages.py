"""The clients are packages that install, need nothing of ours, and are as generated."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.programs import Account

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
NPM = ["npm", "--offline", "--no-audit", "--no-fund", "--silent"]

IN_PYTHON = """\
import sys
from prospectconnect_client import ProspectConnect
with ProspectConnect(sys.argv[1], sys.argv[2]) as client:
    print(client.me.get()["role"])
ours = {"edge", "services", "deploy", "prospectconnect"}
assert not ours & set(sys.modules), "a client knows the public surface alone"
"""
IN_NODE = """\
import { ProspectConnect } from '@prospectconnect/client'
const [token, address] = process.argv.slice(2)
console.log((await new ProspectConnect({ token, address }).me.get()).role)
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Runs a command and returns what it prints."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_client_is_installed_by_pip(
    tmp_path: Path, account: Account
) -> None:
    for part in ("deploy/clients/python", "gen/clients/python"):
        shutil.copytree(ROOT / part, tmp_path / part)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    pip += ["--disable-pip-version-check", "--no-build-isolation"]
    site = tmp_path / "site"
    run(*pip, "--target", site, "./deploy/clients/python", cwd=tmp_path)
    program = tmp_path / "program.py"
    program.write_text(IN_PYTHON)
    called = [account.token, account.address]
    told = run(sys.executable, program, *called, cwd=tmp_path, PYTHONPATH=str(site))
    assert told == "owner\n"
    installed = {path.name for path in site.glob("prospectconnect_*/py.typed")}
    assert installed == {"py.typed"}


@pytest.mark.node
def test_the_typescript_client_is_installed_by_npm(
    tmp_path: Path, account: Account
) -> None:
    run(*NPM, "pack", ROOT / "gen/clients/typescript", cwd=tmp_path)
    (package,) = tmp_path.glob("*.tgz")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run(*NPM, "install", package, cwd=tmp_path)
    (tmp_path / "program.js").write_text(IN_NODE)
    called = ["program.js", account.token, account.address]
    assert run("node", *called, cwd=tmp_path) == "owner\n"
    locked = json.loads((tmp_path / "package-lock.json").read_text())
    assert len(locked["packages"]) == 2, "itself and the client, which needs nothing"


@pytest.mark.node
def test_the_committed_clients_are_fresh(tmp_path: Path) -> None:
    run(ROOT / "deploy/clients/generate.sh", BIN, tmp_path, cwd=ROOT)
    made, kept = files(tmp_path), files(ROOT / "gen/clients")
    stale = {name for name in made | kept if made.get(name) != kept.get(name)}
    assert not stale, "gen/clients/ is stale: run make clients"


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder, less what Python keeps for itself."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
