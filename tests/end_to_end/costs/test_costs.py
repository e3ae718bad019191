"""No operation costs more than is written down here: nothing is timed, all is counted.

`make test PYTEST_ARGS="tests/end_to_end/costs/test_costs.py -s"` prints the rows of
`rows.py` as they are now. A standard method without a row costs no more than the
dearest of its kind.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end.costs import counting as costs
from tests.end_to_end.costs.counting import Cost
from tests.end_to_end.costs.rows import COSTS
from tests.harness.made_once import made_once

# So many calls more an operation may make; two counts of one program differ by less
# than ten. It may make a tenth fewer, as Python 3.12 and 3.13 do by up to 3 %. Were
# COSTS further off, it would no longer tell when fifty are added.
MORE = 20
FEWER = 0.1

# A fault must be seen in each operation of these kinds.
SOME_KINDS = ("company", "field")

WIDTH = 100  # of the SQL in a complaint

# The verb of a standard method, and how it was called.
STANDARD = re.compile(
    r"(Get|Search|Create|Update|Delete|Upsert|Read|Batch|Restore|Aggregate)\w+?"
    r"((?:History|AsOf)?(?:, .*)?)"
)

_ADVICE = """operations cost something else than COSTS says.
`make profile` shows where the time goes. If it is worth its price, the rows are now:
"""


@pytest.fixture(scope="module")
def found(database_url: str) -> Mapping[str, Cost]:
    """What operations cost in one process, counted once for all workers."""

    def count(folder: Path) -> None:
        counted = costs.in_one_process(database_url, folder)
        told = {name: (each.trips, each.calls) for name, each in counted.items()}
        (folder / "costs.json").write_text(json.dumps(told))

    told = json.loads((made_once("costs", count) / "costs.json").read_text())
    return {name: Cost(*each) for name, each in told.items()}


def complaints(
    found: Mapping[str, Cost], expected: Mapping[str, tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """What costs something else than expected: the names, each with what to say."""
    for name, cost in found.items():
        least_trips, least_calls = trips, calls = expected.get(name, (0, 0))
        if name not in expected:
            trips, calls = dearest(name, expected)
        if not least_trips <= len(cost.trips) <= trips:
            sent = "".join(
                f"\n      {' '.join(sql.split())[:WIDTH]}" for sql in cost.trips
            )
            yield name, f"{len(cost.trips)} round trips instead of {trips}:{sent}"
        if not least_calls * (1 - FEWER) <= cost.calls <= calls + MORE:
            yield name, f"{cost.calls} calls instead of {calls}"


def undisturbed_of(found: Mapping[str, Cost]) -> dict[str, Cost]:
    """What costs as much as is written down: a busy machine disturbed no pass of it."""
    disturbed = dict(complaints(found, COSTS))
    kept = {name: each for name, each in found.items() if name not in disturbed}
    assert len(kept) > len(found) * 0.9
    return kept


def dearest(name: str, rows: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """The most that the standard methods like this one cost, by the rows."""
    found = STANDARD.fullmatch(name)
    if found is None:
        return 0, 0
    alike = [
        row
        for each, row in rows.items()
        if (other := STANDARD.fullmatch(each)) and other.groups() == found.groups()
    ]
    return max(row[0] for row in alike), max(row[1] for row in alike)


def hold(found: Mapping[str, Cost]) -> None:
    """Fails with all complaints, and with the rows that would settle them."""
    said = list(complaints(found, COSTS))
    rows = "".join(row(name, found[name]) for name in dict(said))
    told = "\n".join(f"  {name}: {what}" for name, what in said)
    assert not said, f"{_ADVICE}{rows}\n{told}"


def row(name: str, cost: Cost) -> str:
    """A line of `COSTS`."""
    return f'    "{name}": ({len(cost.trips)}, {cost.calls}),\n'


def test_every_operation_costs_what_is_written_down(
    found: Mapping[str, Cost], database_url: str, tmp_path: Path
) -> None:
    print("".join(row(name, cost) for name, cost in found.items()))
    assert COSTS.keys() <= found.keys()
    if list(complaints(found, COSTS)):  # a busy machine may disturb each pass of one
        found = costs.least_of(found, costs.in_one_process(database_url, tmp_path))
    hold(found)


def test_split_processes_make_as_many_round_trips(
    found: Mapping[str, Cost], database_url: str
) -> None:
    kinds = costs.some_kinds()
    apart = costs.round_trips_apart(database_url, kinds)
    assert len(apart) > len(kinds)
    assert apart == {name: len(found[name].trips) for name in apart}


def test_a_method_without_a_row_costs_as_much_as_others_at_most() -> None:
    rows = {"CreateA": (1, 700), "CreateB": (2, 600), "CreateA, keyed": (1, 800)}
    good = {"CreateC": Cost(["", ""], 720), "CreateC, keyed": Cost([], 0)}
    assert list(complaints(good, rows)) == []
    dear = {"CreateC": Cost([""] * 3, 721), "MoveC": Cost([""], 0)}
    assert [name for name, _ in complaints(dear, rows)] == [
        "CreateC",
        "CreateC",
        "MoveC",
    ]


@pytest.mark.canary
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("caller_asked_twice", "round trips instead of"),
        ("fifty_calls_more", "calls instead of"),
    ],
)
def test_what_costs_more_is_found_out(
    found: Mapping[str, Cost],
    database_url: str,
    tmp_path: Path,
    fault: str,
    words: str,
) -> None:
    undisturbed = undisturbed_of(found)
    honest = {name: (len(each.trips), each.calls) for name, each in undisturbed.items()}
    faulty = costs.in_one_process(database_url, tmp_path, fault, SOME_KINDS)
    faulty = {name: each for name, each in faulty.items() if name in honest}
    complained = {name for name, what in complaints(faulty, honest) if words in what}
    assert complained == faulty.keys()
    assert len(complained) > len(SOME_KINDS)


def test_one_more_of_either_is_complained_about(found: Mapping[str, Cost]) -> None:
    found = undisturbed_of(found)
    honest = {name: (len(each.trips), each.calls) for name, each in found.items()}
    fewer_trips = {name: (trips - 1, calls) for name, (trips, calls) in honest.items()}
    fewer_calls = {name: (trips, calls - 50) for name, (trips, calls) in honest.items()}
    assert not list(complaints(found, honest))
    for expected in (fewer_trips, fewer_calls):
        assert [name for name, _ in complaints(found, expected)] == list(found)
