"""A change runs some cases of a family: enough of them, and in time all."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.changes import ROOT
from tests.sampling import beyond_samples, words_of

MODULE = ROOT / "tests/end_to_end/records/test_records.py"
RECORDS = ("company", "contact", "custom_record", "note")
FIELDS = tuple(f"field{n}" for n in range(20))


@dataclass(frozen=True, eq=False)
class Case:
    """What sampling asks of a case of pytest."""

    record: str
    name: str
    mark: pytest.Mark | None
    path: Path = MODULE
    callspec: Any = field(init=False)

    def __post_init__(self) -> None:
        params = SimpleNamespace(params={"resource": self.record})
        object.__setattr__(self, "callspec", params)

    @property
    def nodeid(self) -> str:
        return f"{self.path.relative_to(ROOT)}::test[{self.record}.{self.name}]"

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return self.mark if name == "sampled" else None


def family(mark: pytest.MarkDecorator | None) -> list[Any]:
    found = mark.mark if mark else None
    return [Case(record, name, found) for record in RECORDS for name in FIELDS]


def kept(
    cases: list[Any], commit: str = "c", changed: Collection[Path] = ()
) -> set[Any]:
    return set(cases) - set(beyond_samples(cases, commit, changed))


@pytest.mark.parametrize("one_in", [1, 3, 80, 1_000])
def test_one_in_so_many_runs_and_at_least_one(one_in: int) -> None:
    cases = family(pytest.mark.sampled(one_in))
    assert len(kept(cases)) == ceil(len(cases) / one_in)


def test_one_case_by_its_name_always_runs() -> None:
    (case, *_) = family(pytest.mark.sampled(50))
    assert kept([case]) == {case}


def test_all_run_without_the_mark() -> None:
    assert len(kept(family(None))) == len(RECORDS) * len(FIELDS)


def test_some_cases_of_each_record_run() -> None:
    cases = family(pytest.mark.sampled(10, each="resource"))
    assert {case.record for case in kept(cases)} == set(RECORDS)
    assert len(kept(cases)) == 2 * len(RECORDS)


def test_all_processes_choose_the_same_whatever_their_order() -> None:
    cases = family(pytest.mark.sampled(5))
    shuffled = random.Random(3).sample(cases, len(cases))
    assert kept(shuffled) == kept(cases)


def test_other_commits_choose_others_until_all_have_run() -> None:
    cases = family(pytest.mark.sampled(5, each="resource"))
    chosen = [kept(cases, f"commit {n}") for n in range(60)]
    assert chosen[0] != chosen[1]
    assert set.union(*chosen) == set(cases)


@pytest.mark.parametrize(
    ("changed", "records"),
    [
        ("protos/prospectconnect/crm/v1/companies.proto", {"company"}),
        ("protos/prospectconnect/crm/v1/custom_records.proto", {"custom_record"}),
        ("services/crm/notes.py", {"note"}),
        ("edge/reference/notes.py", set[str]()),
        ("services/records/commands.py", set[str]()),
    ],
)
def test_what_a_change_is_about_runs_whole(changed: str, records: set[str]) -> None:
    cases = family(pytest.mark.sampled(20, each="resource"))
    whole = {case for case in cases if case.record in records}
    found = kept(cases, changed=(ROOT / changed,))
    assert whole <= found
    assert len(found - whole) == len(RECORDS) - len(records)


def test_a_module_that_has_changed_runs_whole() -> None:
    cases = family(pytest.mark.sampled(20))
    assert kept(cases, changed=(MODULE,)) == set(cases)


def test_only_what_protos_name_is_a_word() -> None:
    assert words_of([ROOT / "services/records/rows.py"]) == set()
    assert words_of([ROOT / "services/crm/activities.py"]) == {"activit"}
