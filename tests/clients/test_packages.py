"""The clients are packages that install, need nothing of ours, and are as generated."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.programs import Account

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
NPM = ["npm", "--offline", "--no-audit", "--no-fund", "--silent"]

# What an installed client has to do, as a program of its own.
PROGRAM = HERE / "installed.py"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


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


@pytest.fixture(scope="module", name="packages")
def _packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the npm tarball."""
    folder = tmp_path_factory.mktemp("packages")
    run(ROOT / "deploy/clients/packages.sh", BIN, folder, cwd=ROOT)
    return folder


@pytest.mark.node
def test_the_wheel_is_installed_by_pip(
    packages: Path, account: Account, tmp_path: Path
) -> None:
    """Without a package index: what it requires comes from the tests' environment."""
    (wheel,) = packages.glob("*.whl")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index"]
    run(*pip, "--no-deps", "--target", site, wheel, cwd=tmp_path)
    told = run(
        *(sys.executable, PROGRAM, account.token, account.address),
        cwd=tmp_path,
        PYTHONPATH=str(site),
    )
    assert told.split() == ["owner", "owner", str(site)]
    assert {path.parent.name for path in site.glob("prospectconnect_*/py.typed")} == {
        "prospectconnect_client",
        "prospectconnect_contract",
    }


@pytest.mark.node
def test_the_tarball_is_installed_by_npm(
    packages: Path, account: Account, tmp_path: Path
) -> None:
    install_tarball(packages, tmp_path)
    assert run("node", "program.mjs", *called(account), cwd=tmp_path) == "owner\n"
    locked = json.loads((tmp_path / "package-lock.json").read_text())
    assert len(locked["packages"]) == 2, "itself and the client, which needs nothing"


@pytest.mark.nightly
@pytest.mark.node
@pytest.mark.parametrize("version", PYTHONS)
def test_the_wheel_is_installed_into_an_empty_environment(
    version: str, packages: Path, account: Account, tmp_path: Path
) -> None:
    """With each Python that the machine has, and what its package index has."""
    if (python := python_of(version)) is None:
        pytest.skip(f"There is no Python {version}.")
    run(python, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    inside = tmp_path / "venv/bin/python"
    (wheel,) = packages.glob("*.whl")
    run(inside, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    command = (inside, "-W", "error", PROGRAM, *called(account))
    told = run(*command, cwd=tmp_path, PYTHONPATH="").split()
    assert told[:2] == ["owner", "owner"]
    assert Path(told[2]).is_relative_to(tmp_path)
    run(inside, "-m", "pip", "install", "--quiet", f"{wheel}[cli]", cwd=tmp_path)
    for name in ("pcrm", "prospectconnect-codegen"):
        told = run(inside.parent / name, "--help", cwd=tmp_path, PYTHONPATH="").split()
        assert told[0].lower() == "usage:"
    use_command_line(inside.parent / "pcrm", account, tmp_path)


def use_command_line(pcrm: Path, account: Account, folder: Path) -> None:
    """Imports, finds and writes with an installed command line."""
    (folder / "people.csv").write_text("email,city\nada@engine.example,London\n")
    told = {
        "PYTHONPATH": "",
        "HOME": str(folder),
        "PCRM_URL": account.address,
        "PCRM_TOKEN": account.token,
        "NO_PROXY": "127.0.0.1",
    }
    run(pcrm, "import", "contacts", "people.csv", cwd=folder, **told)
    search = (pcrm, "contacts", "search", "--filter", "city = London")
    (found,) = json.loads(run(*search, cwd=folder, **told))
    assert found["email"] == "ada@engine.example"
    run(pcrm, "schema", "pull", "schema.yaml", cwd=folder, **told)
    assert "objects:" in (folder / "schema.yaml").read_text()
    run(pcrm, "schema", "diff", "schema.yaml", cwd=folder, **told)


@pytest.mark.nightly
@pytest.mark.node
def test_the_tarball_runs_wherever_javascript_does(
    packages: Path, account: Account, tmp_path: Path
) -> None:
    """With each program of `JAVASCRIPT_RUNTIMES`: Node of other versions, and Deno."""
    given = os.environ.get("JAVASCRIPT_RUNTIMES", "")
    runtimes = [Path(each) for each in given.split(":") if each]
    if not runtimes:
        pytest.skip("JAVASCRIPT_RUNTIMES names no program.")
    install_tarball(packages, tmp_path)
    for runtime in runtimes:
        command: list[str | Path] = [runtime]
        if runtime.name == "deno":
            command += ["run", "--allow-net", "--allow-read", "--allow-write"]
        command += ["program.mjs", *called(account)]
        assert run(*command, cwd=tmp_path) == "owner\n", runtime


def install_tarball(packages: Path, folder: Path) -> None:
    """Installs the client into a folder, with a program that uses it."""
    (package,) = packages.glob("*.tgz")
    (folder / "package.json").write_text('{"type": "module"}')
    run(*NPM, "install", package, cwd=folder)
    shutil.copy(HERE / "installed.mjs", folder / "program.mjs")


def called(account: Account) -> tuple[str, str]:
    """The arguments of the programs."""
    return account.token, account.address


def python_of(version: str) -> Path | None:
    """Where a Python is: beside the one that runs the tests, or of the system."""
    beside = Path(sys.base_prefix).parent.glob(f"*/bin/python{version}")
    system = (
        Path(f"{each}/python{version}") for each in ("/usr/local/bin", "/usr/bin")
    )
    usable = (each for each in (*sorted(beside), *system) if each.exists())
    return next((each for each in usable if has_venv(each)), None)


def has_venv(python: Path) -> bool:
    """Whether a Python can make environments; those of some systems cannot."""
    command = (str(python), "-c", "import ensurepip, venv")
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode == 0


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
