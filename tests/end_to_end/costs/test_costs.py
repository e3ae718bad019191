"""No operation costs more than is written down here: nothing is timed, all is counted.

`make test PYTEST_ARGS="tests/end_to_end/costs/test_costs.py -s"` prints the rows of
`COSTS` as they are now. A standard method without a row costs no more than the dearest
of its kind.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end.costs import counting as costs
from tests.end_to_end.costs.counting import Cost

# So many calls more an operation may make; two counts of one program differ by less
# than ten. It may make a tenth fewer, as Python 3.12 and 3.13 do by up to 3 %. Were
# COSTS further off, it would no longer tell when fifty are added.
MORE = 20
FEWER = 0.1

WIDTH = 100  # of the SQL in a complaint

# Round trips to PostgreSQL on a connection that knows the statements, for a token that
# is remembered; then calls in one process, of functions in Python and in C, from Python
# 3.11 and the locked libraries. Searches find a full page.
COSTS: Mapping[str, tuple[int, int]] = {
    "GetActivity": (1, 380),
    "SearchActivities": (1, 1895),
    "CreateActivity": (6, 979),
    "UpdateActivity": (7, 932),
    "DeleteActivity": (6, 590),
    "UpsertActivity, by id": (2, 827),
    "GetCompany": (1, 358),
    "SearchCompanies": (1, 1529),
    "CreateCompany": (1, 814),
    "UpdateCompany": (2, 639),
    "DeleteCompany": (9, 678),
    "UpsertCompany, by id": (2, 771),
    "GetContact": (1, 352),
    "SearchContacts": (1, 1430),
    "UpdateContact": (2, 642),
    "DeleteContact": (8, 634),
    "UpsertContact, new": (7, 920),
    "UpsertContact, by id": (2, 772),
    "UpsertContact, new external id": (2, 840),
    "CreateContact": (1, 763),
    "CreateContact, with ids": (1, 871),
    "AddContactTags": (2, 704),
    "RemoveContactTag": (2, 595),
    "GetDeal": (1, 372),
    "SearchDeals": (1, 1887),
    "CreateDeal": (2, 866),
    "UpdateDeal": (2, 648),
    "DeleteDeal": (7, 603),
    "UpsertDeal, by id": (2, 781),
    "MoveDeal": (3, 717),
    "GetNote": (1, 355),
    "SearchNotes": (1, 1364),
    "CreateNote": (1, 651),
    "UpdateNote": (2, 621),
    "DeleteNote": (2, 405),
    "UpsertNote, by id": (2, 754),
    "PinNote": (2, 601),
    "UnpinNote": (2, 595),
    "GetPipeline": (1, 343),
    "SearchPipelines": (1, 447),
    "GetTask": (1, 363),
    "SearchTasks": (1, 1566),
    "CreateTask": (1, 674),
    "UpdateTask": (2, 637),
    "DeleteTask": (2, 408),
    "UpsertTask, by id": (2, 769),
    "CompleteTask": (2, 646),
    "ReopenTask": (2, 643),
    "GetMe": (1, 343),
    "GetToken": (1, 329),
    "SearchTokens": (1, 425),
    "CreateToken": (1, 630),
    "RevokeToken": (1, 385),
    "GetUser": (1, 327),
    "SearchUsers": (1, 499),
    "CreateField": (8, 1472),
    "UpdateField": (8, 1460),
    "DeleteField": (8, 1345),
    "RestoreField": (1, 429),
    "CreateActivity, keyed": (6, 1013),
    "CreateActivity, replayed": (6, 1030),
    "UpsertActivity, by id, keyed": (2, 863),
    "UpsertActivity, by id, replayed": (3, 769),
    "CreateCompany, keyed": (1, 848),
    "CreateCompany, replayed": (2, 925),
    "UpsertCompany, by id, keyed": (2, 808),
    "UpsertCompany, by id, replayed": (3, 754),
    "UpsertContact, new, keyed": (7, 957),
    "UpsertContact, new, replayed": (4, 746),
    "UpsertContact, by id, keyed": (2, 808),
    "UpsertContact, by id, replayed": (3, 753),
    "UpsertContact, new external id, keyed": (2, 876),
    "UpsertContact, new external id, replayed": (4, 838),
    "CreateContact, keyed": (1, 797),
    "CreateContact, replayed": (2, 874),
    "CreateContact, with ids, keyed": (1, 905),
    "CreateContact, with ids, replayed": (2, 983),
    "AddContactTags, keyed": (2, 739),
    "AddContactTags, replayed": (3, 683),
    "CreateDeal, keyed": (2, 901),
    "CreateDeal, replayed": (3, 977),
    "UpsertDeal, by id, keyed": (2, 817),
    "UpsertDeal, by id, replayed": (3, 756),
    "MoveDeal, keyed": (3, 752),
    "MoveDeal, replayed": (4, 698),
    "CreateNote, keyed": (1, 686),
    "CreateNote, replayed": (2, 762),
    "UpsertNote, by id, keyed": (2, 790),
    "UpsertNote, by id, replayed": (3, 735),
    "PinNote, keyed": (2, 637),
    "PinNote, replayed": (3, 610),
    "UnpinNote, keyed": (2, 631),
    "UnpinNote, replayed": (3, 605),
    "CreateTask, keyed": (1, 708),
    "CreateTask, replayed": (2, 785),
    "UpsertTask, by id, keyed": (2, 805),
    "UpsertTask, by id, replayed": (3, 748),
    "CompleteTask, keyed": (2, 682),
    "CompleteTask, replayed": (3, 622),
    "ReopenTask, keyed": (2, 678),
    "ReopenTask, replayed": (3, 619),
    "CreateField, keyed": (8, 1549),
    "RestoreField, keyed": (2, 517),
    "RestoreField, replayed": (3, 588),
}

# The verb of a standard method, and how it was called.
STANDARD = re.compile(r"(Get|Search|Create|Update|Delete|Upsert)\w+(.*)")

_ADVICE = """operations cost something else than COSTS says.
`make profile` shows where the time goes. If it is worth its price, the rows are now:
"""


@pytest.fixture(scope="module")
def found(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Cost]:
    """What operations cost in one process."""
    return costs.in_one_process(database_url, tmp_path_factory.mktemp("costs"))


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


def test_every_operation_costs_what_is_written_down(found: Mapping[str, Cost]) -> None:
    print("".join(row(name, cost) for name, cost in found.items()))
    assert COSTS.keys() <= found.keys()
    hold(found)


def test_split_processes_make_as_many_round_trips(
    found: Mapping[str, Cost], database_url: str
) -> None:
    apart = costs.round_trips_apart(database_url)
    assert apart == {name: len(cost.trips) for name, cost in found.items()}


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
    honest = {name: (len(each.trips), each.calls) for name, each in found.items()}
    faulty = costs.in_one_process(database_url, tmp_path, fault)
    complained = {name for name, what in complaints(faulty, honest) if words in what}
    assert complained == honest.keys()


def test_one_more_of_either_is_complained_about(found: Mapping[str, Cost]) -> None:
    honest = {name: (len(each.trips), each.calls) for name, each in found.items()}
    fewer_trips = {name: (trips - 1, calls) for name, (trips, calls) in honest.items()}
    fewer_calls = {name: (trips, calls - 50) for name, (trips, calls) in honest.items()}
    assert not list(complaints(found, honest))
    for expected in (fewer_trips, fewer_calls):
        assert [name for name, _ in complaints(found, expected)] == list(found)
