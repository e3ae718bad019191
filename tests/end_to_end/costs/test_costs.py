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
    "GetActivity": (1, 356),
    "SearchActivities": (1, 1630),
    "CreateActivity": (6, 897),
    "UpdateActivity": (7, 868),
    "DeleteActivity": (6, 576),
    "UpsertActivity, by id": (2, 800),
    "GetCompany": (1, 351),
    "SearchCompanies": (1, 1499),
    "CreateCompany": (1, 783),
    "UpdateCompany": (2, 626),
    "DeleteCompany": (9, 671),
    "UpsertCompany, by id": (2, 731),
    "GetContact": (1, 345),
    "SearchContacts": (1, 1424),
    "UpdateContact": (2, 630),
    "DeleteContact": (8, 627),
    "UpsertContact, new": (7, 900),
    "UpsertContact, by id": (2, 732),
    "UpsertContact, new external id": (2, 833),
    "CreateContact": (1, 737),
    "CreateContact, with ids": (1, 845),
    "AddContactTags": (2, 693),
    "RemoveContactTag": (2, 584),
    "GetDeal": (1, 365),
    "SearchDeals": (1, 1797),
    "CreateDeal": (2, 832),
    "UpdateDeal": (2, 635),
    "DeleteDeal": (7, 596),
    "UpsertDeal, by id": (2, 741),
    "MoveDeal": (3, 706),
    "GetNote": (1, 331),
    "SearchNotes": (1, 931),
    "CreateNote": (1, 568),
    "UpdateNote": (2, 562),
    "DeleteNote": (2, 392),
    "UpsertNote, by id": (1, 493),
    "PinNote": (2, 544),
    "UnpinNote": (2, 539),
    "GetPipeline": (1, 341),
    "SearchPipelines": (1, 446),
    "GetTask": (1, 339),
    "SearchTasks": (1, 1133),
    "CreateTask": (1, 591),
    "UpdateTask": (2, 578),
    "DeleteTask": (2, 395),
    "UpsertTask, by id": (2, 629),
    "CompleteTask": (2, 588),
    "ReopenTask": (2, 583),
    "GetMe": (1, 341),
    "GetToken": (1, 329),
    "SearchTokens": (1, 425),
    "CreateToken": (1, 630),
    "RevokeToken": (1, 385),
    "GetUser": (1, 325),
    "SearchUsers": (1, 498),
    "CreateField": (8, 1467),
    "UpdateField": (8, 1455),
    "DeleteField": (8, 1343),
    "RestoreField": (2, 1049),
    "CreateActivity, keyed": (6, 932),
    "CreateActivity, replayed": (6, 945),
    "UpsertActivity, by id, keyed": (2, 836),
    "UpsertActivity, by id, replayed": (3, 757),
    "CreateCompany, keyed": (1, 816),
    "CreateCompany, replayed": (2, 891),
    "UpsertCompany, by id, keyed": (2, 766),
    "UpsertCompany, by id, replayed": (3, 731),
    "UpsertContact, new, keyed": (7, 935),
    "UpsertContact, new, replayed": (4, 734),
    "UpsertContact, by id, keyed": (2, 768),
    "UpsertContact, by id, replayed": (3, 730),
    "UpsertContact, new external id, keyed": (2, 854),
    "UpsertContact, new external id, replayed": (4, 823),
    "CreateContact, keyed": (1, 771),
    "CreateContact, replayed": (2, 845),
    "CreateContact, with ids, keyed": (1, 879),
    "CreateContact, with ids, replayed": (2, 953),
    "AddContactTags, keyed": (2, 729),
    "AddContactTags, replayed": (3, 675),
    "CreateDeal, keyed": (2, 866),
    "CreateDeal, replayed": (3, 940),
    "UpsertDeal, by id, keyed": (2, 776),
    "UpsertDeal, by id, replayed": (3, 734),
    "MoveDeal, keyed": (3, 743),
    "MoveDeal, replayed": (4, 689),
    "CreateNote, keyed": (1, 602),
    "CreateNote, replayed": (2, 676),
    "UpsertNote, by id, keyed": (2, 578),
    "UpsertNote, by id, replayed": (3, 649),
    "PinNote, keyed": (2, 580),
    "PinNote, replayed": (3, 583),
    "UnpinNote, keyed": (2, 573),
    "UnpinNote, replayed": (3, 579),
    "CreateTask, keyed": (1, 625),
    "CreateTask, replayed": (2, 698),
    "UpsertTask, by id, keyed": (2, 665),
    "UpsertTask, by id, replayed": (3, 667),
    "CompleteTask, keyed": (2, 624),
    "CompleteTask, replayed": (3, 595),
    "ReopenTask, keyed": (2, 619),
    "ReopenTask, replayed": (3, 592),
    "CreateField, keyed": (8, 1539),
    "RestoreField, keyed": (3, 1162),
    "RestoreField, replayed": (3, 585),
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
