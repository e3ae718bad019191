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
    "GetActivity": (1, 384),
    "SearchActivities": (1, 1994),
    "CreateActivity": (6, 979),
    "UpdateActivity": (7, 937),
    "DeleteActivity": (6, 587),
    "UpsertActivity, by id": (2, 799),
    "GetCompany": (1, 360),
    "SearchCompanies": (1, 1536),
    "CreateCompany": (1, 800),
    "UpdateCompany": (2, 634),
    "DeleteCompany": (9, 684),
    "UpsertCompany, by id": (2, 737),
    "GetContact": (1, 354),
    "SearchContacts": (1, 1389),
    "SearchContacts, some fields": (1, 1059),
    "SearchContacts, two expansions": (3, 2259),
    "UpdateContact": (2, 637),
    "DeleteContact": (8, 637),
    "UpsertContact, new": (7, 913),
    "UpsertContact, by id": (2, 738),
    "UpsertContact, new external id": (2, 822),
    "CreateContact": (1, 750),
    "CreateContact, with ids": (1, 859),
    "AddContactTags": (2, 708),
    "RemoveContactTag": (2, 600),
    "GetDeal": (1, 374),
    "SearchDeals": (1, 1888),
    "CreateDeal": (2, 851),
    "UpdateDeal": (2, 643),
    "DeleteDeal": (7, 605),
    "UpsertDeal, by id": (2, 747),
    "MoveDeal": (3, 722),
    "GetNote": (1, 359),
    "SearchNotes": (1, 1391),
    "CreateNote": (1, 649),
    "UpdateNote": (2, 621),
    "DeleteNote": (2, 402),
    "UpsertNote, by id": (2, 725),
    "PinNote": (2, 611),
    "UnpinNote": (2, 604),
    "GetPipeline": (1, 343),
    "SearchPipelines": (1, 447),
    "GetTask": (1, 367),
    "SearchTasks": (1, 1593),
    "CreateTask": (1, 668),
    "UpdateTask": (2, 637),
    "DeleteTask": (2, 405),
    "UpsertTask, by id": (2, 740),
    "CompleteTask": (2, 658),
    "ReopenTask": (2, 654),
    "GetMe": (1, 343),
    "GetLimits": (1, 472),
    "GetToken": (1, 329),
    "SearchTokens": (1, 425),
    "CreateToken": (1, 633),
    "RevokeToken": (1, 385),
    "GetUser": (1, 327),
    "SearchUsers": (1, 499),
    "CreateField": (10, 1679),
    "UpdateField": (9, 2150),
    "DeleteField": (9, 2035),
    "RestoreField": (1, 450),
    "ChangeField": (1, 506),
    "ReplaceFieldOption": (7, 681),
    "WaitJob": (1, 427),
    "CancelJob": (5, 609),
    "CancelJob, keyed": (6, 684),
    "CancelJob, replayed": (7, 750),
    "SearchObjects": (2, 998),
    "GetObject": (2, 375),
    "UpdateObject": (9, 920),
    "DeleteObject": (10, 838),
    "RestoreObject": (9, 909),
    "GetObjectSchema": (3, 861),
    "GetAssociation": (1, 566),
    "SearchAssociations": (1, 1156),
    "CreateAssociation": (2, 582),
    "UpdateAssociation": (3, 1131),
    "DeleteAssociation": (3, 973),
    "RestoreAssociationType": (1, 432),
    "CreateAssociation, keyed": (2, 617),
    "CreateAssociation, replayed": (6, 1160),
    "RestoreAssociationType, keyed": (2, 507),
    "RestoreAssociationType, replayed": (3, 578),
    "CreateActivity, keyed": (6, 1013),
    "CreateActivity, replayed": (6, 1029),
    "UpsertActivity, by id, keyed": (2, 834),
    "UpsertActivity, by id, replayed": (3, 752),
    "CreateCompany, keyed": (1, 834),
    "CreateCompany, replayed": (2, 911),
    "UpsertCompany, by id, keyed": (2, 773),
    "UpsertCompany, by id, replayed": (3, 734),
    "UpsertContact, new, keyed": (7, 948),
    "UpsertContact, new, replayed": (4, 739),
    "UpsertContact, by id, keyed": (2, 774),
    "UpsertContact, by id, replayed": (3, 733),
    "UpsertContact, new external id, keyed": (2, 858),
    "UpsertContact, new external id, replayed": (4, 826),
    "CreateContact, keyed": (1, 784),
    "CreateContact, replayed": (2, 861),
    "CreateContact, with ids, keyed": (1, 892),
    "CreateContact, with ids, replayed": (2, 969),
    "AddContactTags, keyed": (2, 744),
    "AddContactTags, replayed": (3, 686),
    "CreateDeal, keyed": (2, 885),
    "CreateDeal, replayed": (3, 961),
    "UpsertDeal, by id, keyed": (2, 784),
    "UpsertDeal, by id, replayed": (3, 736),
    "MoveDeal, keyed": (3, 759),
    "MoveDeal, replayed": (4, 702),
    "CreateNote, keyed": (1, 683),
    "CreateNote, replayed": (2, 760),
    "UpsertNote, by id, keyed": (2, 761),
    "UpsertNote, by id, replayed": (3, 718),
    "PinNote, keyed": (2, 646),
    "PinNote, replayed": (3, 617),
    "UnpinNote, keyed": (2, 640),
    "UnpinNote, replayed": (3, 612),
    "CreateTask, keyed": (1, 703),
    "CreateTask, replayed": (2, 779),
    "UpsertTask, by id, keyed": (2, 776),
    "UpsertTask, by id, replayed": (3, 731),
    "CompleteTask, keyed": (2, 694),
    "CompleteTask, replayed": (3, 629),
    "ReopenTask, keyed": (2, 690),
    "ReopenTask, replayed": (3, 626),
    "CreateField, keyed": (10, 2364),
    "CreateField, replayed": (6, 850),
    "RestoreField, keyed": (2, 525),
    "RestoreField, replayed": (3, 596),
    "ChangeField, keyed": (2, 578),
    "ChangeField, replayed": (3, 648),
    "ReplaceFieldOption, keyed": (8, 760),
    "ReplaceFieldOption, replayed": (9, 811),
    "RestoreObject, keyed": (9, 957),
    "RestoreObject, replayed": (5, 686),
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
