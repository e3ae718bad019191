"""Types know what the API takes: a checker finds a mistake before it is sent.

The programs without mistakes are `typed.py`, which `make types` checks, and `typed.ts`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.guides.pages import GUIDES, blocks_of

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "deploy/clients/typescript/node_modules/.bin"

# One mistake a line.
MISTAKEN = """\
from prospectconnect_client import ProspectConnect, custom_field
client = ProspectConnect("pcp_", "http://127.0.0.1")
client.contacts.create(frist_name="Ada")
client.deals.create(value=1)
client.deals.create(name="Engine", value="1.50")
client.tasks.create(name="Call", due_date=17)
client.tasks.create(name="Call", priority="urgent")
client.contacts.search(order_by="age")
client.contacts.delete("con_1", idempotency_key="1")
client.contacts.get("con_1")["age"]
client.contacts.search()[0]
client.deals.get("deal_1")["value"] + 0.5
day: str | None = client.deals.get("deal_1")["expected_close_date"]
(client.tasks.get("task_1")["due_date"] or "").upper()
client.with_response.contacts.get("con_1")["name"]
client.with_response.contacts.get("con_1").data["age"]
"""

# One mistaken filter a line.
MISTAKEN_FILTERS = """\
{"field": "email", "operator": "like", "value": "a"}
{"field": "emial", "operator": "eq", "value": "a"}
{"field": "emial", "operator": "is_empty"}
{"field": "custom_fields.tier", "operator": "eq", "value": "gold"}
{"field": "email", "operator": "gt", "value": "a"}
{"field": "email", "operator": "eq", "value": 1}
{"field": "email", "operator": "eq", "values": ["a"]}
{"field": "email", "operator": "in", "value": "a"}
{"field": "email", "operator": "in", "values": "abc"}
{"field": "email", "operator": "eq"}
{"field": "email", "operator": "is_empty", "value": True}
{"field": "lead_score", "operator": "contains", "value": 5}
{"field": "lead_score", "operator": "gte", "value": "5"}
{"field": "lead_score", "operator": "between", "values": ["1", "5"]}
{"field": "lifecycle_stage", "operator": "eq", "value": "gold"}
{"field": "created_at", "operator": "gte", "value": 5}
{"field": "tags", "operator": "eq", "value": "VIP"}
{"field": "value", "operator": "gt", "value": 5}
{"field": custom_field("tier"), "operator": "like", "value": "gold"}
{"field": custom_field("tier"), "operator": "starts_with", "value": 5}
{"field": custom_field("seats"), "operator": "gt", "value": ["5"]}
{"field": custom_field("seats"), "operator": "in", "value": 5}
{"any": [{"field": "emial", "operator": "eq", "value": "a"}]}
{"not": {"any": [{"field": "email", "operator": "gt", "value": "a"}]}}
{"not": [{"field": "email", "operator": "eq", "value": "a"}]}
{"some": []}
"""


def test_mypy_finds_every_mistake(tmp_path: Path) -> None:
    filters = [
        f"client.contacts.search(filters=[{each}])"
        for each in MISTAKEN_FILTERS.splitlines()
    ]
    program = [*MISTAKEN.splitlines(), *filters]
    found = faults_of(tmp_path, program)
    missed = [
        line
        for number, line in enumerate(program, 1)
        if number > 2 and number not in found
    ]
    assert not missed
    assert not found & {1, 2}


def test_mypy_finds_no_mistake_in_the_guide(tmp_path: Path) -> None:
    """Who copies from it into a typed program is not told of faults."""
    blocks = blocks_of(GUIDES / "clients.md")
    program = "".join(each.text + "\n" for each in blocks if each.language == "python")
    assert "upsert" in program
    assert not faults_of(tmp_path, program.splitlines())


def faults_of(folder: Path, lines: list[str]) -> set[int]:
    """The lines of a program that mypy finds fault with."""
    program = folder / "program.py"
    program.write_text("\n".join(lines))
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder, program],
        env={"MYPYPATH": f"{ROOT}/deploy/clients/python:{ROOT}/gen/clients/python"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in found.stdout.splitlines() if " error: " in line]
    assert all(line.startswith("program.py:") for line in errors), found.stdout
    return {int(line.split(":")[1]) for line in errors}


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
