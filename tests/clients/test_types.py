"""Types know what the API takes: a checker finds a mistake before it is sent.

The programs without mistakes are `typed.py`, which `make types` checks, and `typed.ts`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "deploy/clients/typescript/node_modules/.bin"

# One mistake a line.
MISTAKEN = """\
from prospectconnect_client import ProspectConnect
client = ProspectConnect("pcp_", "http://127.0.0.1")
client.contacts.create(frist_name="Ada")
client.deals.create(value=1)
client.tasks.create(name="Call", priority="urgent")
client.contacts.search(order_by="age")
client.contacts.search(filters=[{"field": "email", "operator": "like", "value": "a"}])
client.contacts.delete("con_1", idempotency_key="1")
client.contacts.get("con_1")["age"]
client.contacts.search()[0]
"""


def test_mypy_finds_every_mistake(tmp_path: Path) -> None:
    program = tmp_path / "mistaken.py"
    program.write_text(MISTAKEN)
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path, program],
        env={"MYPYPATH": f"{ROOT}/deploy/clients/python:{ROOT}/gen/clients/python"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in found.stdout.splitlines() if " error: " in line]
    lines = {int(line.split(":")[1]) for line in errors}
    assert lines == set(range(3, 11)), found.stdout


@pytest.mark.node
def test_tsc_finds_every_mistake_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "typed.ts").write_text((ROOT / "tests/clients/typed.ts").read_text())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    package = tmp_path / "node_modules/@prospectconnect/client"
    package.parent.mkdir(parents=True)
    package.symlink_to(ROOT / "gen/clients/typescript")
    options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"]
    found = subprocess.run(
        [TOOLS / "tsc", *options, "typed.ts"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "")
