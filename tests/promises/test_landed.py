"""A run of what has landed leaves some cases out, and in time runs all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tests.changes import ROOT, Changes
from tests.landed import LANDED, beyond_landed, has_landed, one_in

TLS = ROOT / "tests/deploy/tls/test_tls.py"
DRAIN = ROOT / "tests/deploy/serving/test_drain.py"


@dataclass(frozen=True)
class Case:
    """What the choice asks of a case of pytest."""

    path: Path
    number: int

    @property
    def nodeid(self) -> str:
        return f"{self.path.relative_to(ROOT)}::test[{self.number}]"


def kept(cases: Sequence[Any], commit: str = "c") -> set[Any]:
    return set(cases) - set(beyond_landed(cases, commit))


@pytest.mark.parametrize("count", [1, 2, 9])
def test_one_in_so_many_cases_of_each_module_runs(count: int) -> None:
    cases = [Case(path, n) for path in (TLS, DRAIN) for n in range(count)]
    for path in (TLS, DRAIN):
        found = [each for each in kept(cases) if each.path == path]
        assert len(found) == ceil(count / one_in(path))


def test_other_commits_choose_others_until_all_have_run() -> None:
    cases = [Case(TLS, n) for n in range(12)]
    chosen = [kept(cases, f"commit {n}") for n in range(30)]
    assert chosen[0] == kept(cases[::-1], "commit 0") != chosen[1]
    assert set.union(*chosen) == set(cases)


@pytest.mark.parametrize(
    "module",
    [
        "tests/end_to_end/rights/test_access.py",
        "tests/end_to_end/erasure/test_no_trace.py",
        "tests/end_to_end/outages/test_crash.py",
        "tests/end_to_end/outages/test_database_faults.py",
        "tests/end_to_end/imports/test_import_kills.py",
        "tests/services/gates/test_door.py",
    ],
)
def test_what_protects_and_what_survives_runs_whole(module: str) -> None:
    cases = [Case(ROOT / module, n) for n in range(9)]
    assert kept(cases) == set(cases)


def test_only_a_run_of_what_has_landed_leaves_anything_out() -> None:
    nothing = frozenset[Path]()
    assert has_landed(Changes("a", "a", nothing))
    assert not has_landed(Changes("b", "a", nothing)), "a branch"
    assert not has_landed(Changes("a", "a", frozenset({TLS}))), "a change"
    assert not has_landed(None), "nobody knows"


def test_what_is_named_runs_whole(request: pytest.FixtureRequest) -> None:
    config = request.config
    is_whole_run = config.args_source is config.ArgsSource.TESTPATHS
    assert is_whole_run or config.option.every_landed


def test_every_folder_is_there() -> None:
    for each in LANDED:
        assert (ROOT / each).exists(), each
