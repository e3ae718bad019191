"""The cases that a change leaves to `make nightly`: half of the pairs, old canaries."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.changes import (
    ROOT,
    changed_files,
    changes,
    harness_of,
    is_among,
    parts_of,
)
from tests.harness.made_once import made_once
from tests.rounds import ROUNDS, rounds
from tests.stacks import TOPOLOGIES
from tests.subjects import SUBJECTS, is_concerned


@pytest.fixture(scope="module")
def collected() -> dict[str, Any]:
    """Some of the tests that start the product, as they are collected."""
    found: dict[str, Any] = json.loads(
        (made_once("collected", collect) / "found.json").read_text()
    )
    return found


def collect(folder: Path) -> None:
    """Writes what a run of its own collects."""
    command = [sys.executable, "-m", "tests.harness.programs.collecting_program"]
    folders = [f"tests/end_to_end/{name}" for name in ("http", "outages", "records")]
    done = subprocess.run(
        [*command, *folders],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr
    told = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    (folder / "found.json").write_text(told)


def test_each_case_of_a_pair_runs_on_one_topology(collected: dict[str, Any]) -> None:
    cases = collected["cases"]
    there = Counter(case["name"] for case in cases)
    kept = Counter(case["name"] for case in cases if not case["left"])
    on_both = {case["name"] for case in cases if case["on_both"]}
    assert len(on_both) > 20
    for name, count in there.items():
        assert kept[name] == (count if name in on_both else 1), name


def test_both_topologies_get_about_half(collected: dict[str, Any]) -> None:
    kept = Counter(
        case["topology"]
        for case in collected["cases"]
        if not (case["on_both"] or case["left"])
    )
    assert kept.total() > 500
    for topology in TOPOLOGIES:
        assert 0.45 < kept[topology] / kept.total() < 0.55, kept


def test_nightly_leaves_nothing(collected: dict[str, Any]) -> None:
    assert sorted(collected["nightly"]) == sorted(collected["all"])


def test_canaries_run_where_nobody_knows_what_has_changed(
    collected: dict[str, Any],
) -> None:
    assert collected["canaries"] >= 10
    assert collected["unknown"] == 0


def test_a_quarter_of_the_canaries_of_what_has_landed_runs(
    collected: dict[str, Any],
) -> None:
    assert collected["changed"] == 0, "all run where their harness has changed"
    assert 0 < len(collected["landed"]) < collected["canaries"] / 2


def test_a_harness_is_all_that_a_test_imports_of_the_tests() -> None:
    crash = ROOT / "tests/end_to_end/outages/test_crash.py"
    names = {str(each.relative_to(ROOT / "tests")) for each in harness_of(crash)}
    assert {
        "harness/crash.py",
        "harness/programs/faulty_program.py",
        "stacks.py",
    } <= names
    assert "harness/wire/leavers.py" not in names


def test_a_harness_has_what_it_starts_and_reads() -> None:
    selection = harness_of(ROOT / "tests/promises/test_selection.py")
    assert ROOT / "tests/harness/programs/collecting_program.py" in selection
    foreign = harness_of(ROOT / "tests/foreign/browser/test_browser.py")
    assert is_among(foreign, {ROOT / "tests/foreign/browser/looks.mjs"})
    assert not is_among(foreign, {ROOT / "tests/data/README.md", ROOT / "README.md"})


def test_a_test_is_made_of_all_that_it_imports() -> None:
    module = ROOT / "tests/services/postgres/test_plans.py"
    names = {str(each.relative_to(ROOT)) for each in parts_of(module)}
    assert {"services/ids.py", "services/postgres/sql_parts.py"} <= names
    assert not {name for name in names if name.startswith("edge/")}


def test_what_is_new_has_changed() -> None:
    new = ROOT / "tests" / "promises" / "new_for_a_moment"
    new.touch()
    changes.cache_clear()
    changed_files.cache_clear()
    try:
        found = changed_files()
        assert found is None or new in found, "None where git does not know"
    finally:
        new.unlink()
        changes.cache_clear()
        changed_files.cache_clear()


@pytest.mark.parametrize("name", ROUNDS)
def test_rounds_are_few_at_each_change(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = ROUNDS[name]
    monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("NIGHTLY", raising=False)
    assert rounds(name) == few < many
    monkeypatch.setenv("NIGHTLY", "1")
    assert rounds(name) == many
    monkeypatch.setenv(name, "7")
    assert rounds(name) == 7


def test_the_page_tells_all_rounds() -> None:
    page = (ROOT / "docs" / "testing.md").read_text()
    for name, (few, many) in ROUNDS.items():
        row = next(line for line in page.splitlines() if f"`{name}`" in line)
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert f"{few:,}" in cells[1], name
        assert f"{many:,}" in cells[2], name


@pytest.mark.parametrize(
    ("module", "changed", "runs"),
    [
        ("tests/deploy/tls/test_tls.py", {"services/search/pages.py"}, False),
        ("tests/deploy/tls/test_tls.py", {"deploy/tls/certificates.py"}, True),
        ("tests/deploy/tls/test_tls.py", {"requirements.lock"}, True),
        ("tests/deploy/tls/test_tls.py", {"tests/deploy/tls/test_tls.py"}, True),
        ("tests/deploy/tls/test_tls.py", {"tests/deploy/conftest.py"}, True),
        ("tests/deploy/tls/test_tls.py", {"tests/stacks.py"}, True),
        ("tests/deploy/tls/test_tls.py", None, True),
        ("tests/deploy/test_patterns.py", {"edge/http/connection.py"}, True),
        ("tests/edge/web/test_web_files.py", {"services/ids.py"}, False),
        ("tests/edge/web/test_web_files.py", {"edge/web/files.py"}, True),
        ("tests/edge/web/test_web_files.py", {"edge/web/static/site.css"}, True),
        ("tests/edge/web/test_web_files.py", {"edge/mcp/tools.py"}, False),
        ("tests/edge/web/test_web_files.py", {"gen/openapi/examples.json"}, True),
        ("tests/foreign/browser/test_browser.py", {"edge/web/styles.css"}, True),
        ("tests/foreign/browser/test_browser.py", {"services/crm/deals.py"}, False),
        (
            "tests/foreign/browser/test_browser.py",
            {"tests/foreign/browser/axe.mjs"},
            True,
        ),
        ("tests/end_to_end/records/test_tags.py", {"docs/scale.md"}, False),
        ("tests/end_to_end/records/test_tags.py", {"services/ids.py"}, True),
        ("tests/guides/test_guides.py", {"docs/scale.md"}, True),
        ("tests/services/kinds/test_expressions.py", {"edge/app.py"}, False),
        ("tests/services/records/test_rows.py", {"services/records/rows.c"}, True),
    ],
)
def test_a_test_runs_where_its_subject_has_changed(
    module: str, changed: set[str] | None, runs: bool
) -> None:
    files = None if changed is None else {ROOT / name for name in changed}
    assert is_concerned(ROOT / module, files) is runs


def test_every_subject_is_there() -> None:
    for folder, subjects in SUBJECTS.items():
        assert (ROOT / folder).exists(), folder
        for each in subjects:
            whole, _, start = each.rpartition("/")
            found = [path.name for path in (ROOT / whole).iterdir()]
            assert any(name.startswith(start) for name in found), each
