"""The page about adding a resource leads to a resource that keeps every promise."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.recipe.conftest import ROOT, Tree
from tests.rounds import rounds

# What the recipe may cost. Who makes it dearer has to say what for.
MOST_FILES, MOST_LINES = 3, 150

# The suites that every record must pass, which find a new one by themselves. Each
# change runs the first few.
SUITES = (
    "tests/deploy/scaffold/test_drift.py",
    "tests/end_to_end/records/test_records.py",
    "tests/end_to_end/search/test_record_searches.py",
    "tests/edge/mcp/test_mcp_tools.py",
    "tests/edge/openapi/test_openapi.py",
    "tests/edge/transcoder/test_write.py",
    "tests/end_to_end/records/test_links.py",
    "tests/end_to_end/rights/test_isolation_probes.py",
    "tests/end_to_end/rights/test_role_probes.py",
    "tests/end_to_end/rights/test_shared_visibility.py",
    "tests/services/postgres/test_migrations.py",
    "tests/services/records/test_rows.py",
)[: rounds("RECIPE_SUITES")]
CHOSEN = "gadget and not split"


def test_a_record_costs_few_lines(
    gadgets: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = sum(gadgets.by_hand.values())
    with capsys.disabled():
        print(f"\na record costs {lines} lines by hand: {dict(gadgets.by_hand)}")
    assert lines <= MOST_LINES
    new = [each for each in gadgets.by_hand if not (ROOT / each).exists()]
    assert len(new) + 1 <= MOST_FILES, "and the migration"


def test_every_suite_holds_for_the_new_record(gadgets: Tree, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    pytest_ = (sys.executable, "-m", "pytest", "-q", "--every-topology")
    gadgets.run(*pytest_, f"--junit-xml={report}", "-k", CHOSEN, *SUITES)
    written = ElementTree.parse(report)  # noqa: S314 - by our own program
    cases = list(written.iter("testcase"))
    assert all(len(each) == 0 for each in cases), "one was skipped"
    ran = {each.attrib["classname"].replace(".", "/") + ".py" for each in cases}
    assert ran == set(SUITES)
    assert len(cases) > 4 * len(SUITES)


def test_the_document_tells_of_the_new_record(gadgets: Tree) -> None:
    file = max((gadgets.root / "gen/openapi").glob("????-??-??.json"))
    document = json.loads(file.read_text())
    operations = {
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith("/v1/gadgets")
    }
    assert operations == {
        "post /v1/gadgets",
        "post /v1/gadgets/search",
        "post /v1/gadgets/upsert",
        "post /v1/gadgets/aggregate",
        "post /v1/gadgets/batch",
        "post /v1/gadgets/{id}/history",
        "post /v1/gadgets/{id}/restore",
        "post /v1/gadgets/{id}/as_of",
        *(f"{each} /v1/gadgets/{{id}}" for each in ("get", "patch", "delete")),
    }
    assert "gadget.all" in document["components"]["schemas"]["Scope"]["enum"]
    tag = next(each for each in document["tags"] if each["name"] == "Gadgets")
    assert tag["description"] == "Keeps a tenant's gadgets."


def test_the_protos_and_their_code_are_as_they_should_be(gadgets: Tree) -> None:
    gadgets.run(".ci/protos", ".venv/bin")


@pytest.mark.node
def test_the_clients_have_the_new_record(gadgets: Tree) -> None:
    packages = "deploy/clients/typescript/node_modules"
    (gadgets.root / packages).symlink_to(ROOT / packages)
    gadgets.run("deploy/clients/generate.sh", ".venv/bin")
    clients = gadgets.root / "gen/clients"
    python = clients / "python/prospectconnect_contract"
    assert "class Gadget(TypedDict):" in (python / "records.py").read_text()
    assert "class Gadgets" in (python / "operations.py").read_text()
    assert "Gadget" in (clients / "typescript/records.d.ts").read_text()
    assert "class Gadgets" in (clients / "typescript/operations.js").read_text()
