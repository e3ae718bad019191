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
    "CreateActivity": (6, 981),
    "UpdateActivity": (7, 938),
    "DeleteActivity": (6, 588),
    "UpsertActivity, by id": (2, 805),
    "GetCompany": (1, 360),
    "SearchCompanies": (1, 1536),
    "CreateCompany": (1, 801),
    "UpdateCompany": (2, 635),
    "DeleteCompany": (9, 685),
    "UpsertCompany, by id": (2, 742),
    "GetContact": (1, 355),
    "SearchContacts": (1, 1389),
    "UpdateContact": (2, 638),
    "DeleteContact": (8, 638),
    "UpsertContact, new": (7, 923),
    "UpsertContact, by id": (2, 744),
    "UpsertContact, new external id": (2, 826),
    "CreateContact": (1, 751),
    "CreateContact, with ids": (1, 860),
    "AddContactTags": (2, 710),
    "RemoveContactTag": (2, 602),
    "GetDeal": (1, 374),
    "SearchDeals": (1, 1889),
    "CreateDeal": (2, 853),
    "UpdateDeal": (2, 643),
    "DeleteDeal": (7, 606),
    "UpsertDeal, by id": (2, 752),
    "MoveDeal": (3, 722),
    "GetNote": (1, 359),
    "SearchNotes": (1, 1391),
    "CreateNote": (1, 649),
    "UpdateNote": (2, 621),
    "DeleteNote": (2, 403),
    "UpsertNote, by id": (2, 731),
    "PinNote": (2, 611),
    "UnpinNote": (2, 606),
    "GetPipeline": (1, 344),
    "SearchPipelines": (1, 447),
    "GetTask": (1, 367),
    "SearchTasks": (1, 1593),
    "CreateTask": (1, 668),
    "UpdateTask": (2, 638),
    "DeleteTask": (2, 405),
    "UpsertTask, by id": (2, 745),
    "CompleteTask": (2, 658),
    "ReopenTask": (2, 655),
    "GetMe": (1, 343),
    "GetLimits": (1, 517),
    "GetToken": (1, 329),
    "SearchTokens": (1, 425),
    "CreateToken": (1, 634),
    "RevokeToken": (1, 385),
    "GetUser": (1, 327),
    "SearchUsers": (1, 499),
    "CreateField": (10, 1717),
    "UpdateField": (9, 2175),
    "DeleteField": (9, 2069),
    "RestoreField": (1, 456),
    "ChangeField": (1, 525),
    "ReplaceFieldOption": (7, 684),
    "WaitJob": (1, 427),
    "CancelJob": (5, 610),
    "CancelJob, keyed": (6, 685),
    "CancelJob, replayed": (7, 752),
    "SearchObjects": (2, 999),
    "GetObject": (2, 376),
    "UpdateObject": (9, 924),
    "DeleteObject": (10, 843),
    "RestoreObject": (9, 914),
    "GetObjectSchema": (3, 875),
    "GetAssociation": (1, 594),
    "SearchAssociations": (1, 1156),
    "CreateAssociation": (2, 583),
    "UpdateAssociation": (3, 1132),
    "DeleteAssociation": (3, 975),
    "RestoreAssociationType": (1, 434),
    "CreateAssociation, keyed": (2, 616),
    "CreateAssociation, replayed": (6, 1161),
    "RestoreAssociationType, keyed": (2, 507),
    "RestoreAssociationType, replayed": (3, 579),
    "CreateActivity, keyed": (6, 1015),
    "CreateActivity, replayed": (6, 1031),
    "UpsertActivity, by id, keyed": (2, 841),
    "UpsertActivity, by id, replayed": (3, 759),
    "CreateCompany, keyed": (1, 834),
    "CreateCompany, replayed": (2, 912),
    "UpsertCompany, by id, keyed": (2, 779),
    "UpsertCompany, by id, replayed": (3, 739),
    "UpsertContact, new, keyed": (7, 955),
    "UpsertContact, new, replayed": (4, 745),
    "UpsertContact, by id, keyed": (2, 782),
    "UpsertContact, by id, replayed": (3, 742),
    "UpsertContact, new external id, keyed": (2, 866),
    "UpsertContact, new external id, replayed": (4, 832),
    "CreateContact, keyed": (1, 786),
    "CreateContact, replayed": (2, 862),
    "CreateContact, with ids, keyed": (1, 892),
    "CreateContact, with ids, replayed": (2, 971),
    "AddContactTags, keyed": (2, 746),
    "AddContactTags, replayed": (3, 687),
    "CreateDeal, keyed": (2, 884),
    "CreateDeal, replayed": (3, 962),
    "UpsertDeal, by id, keyed": (2, 789),
    "UpsertDeal, by id, replayed": (3, 741),
    "MoveDeal, keyed": (3, 759),
    "MoveDeal, replayed": (4, 702),
    "CreateNote, keyed": (1, 684),
    "CreateNote, replayed": (2, 761),
    "UpsertNote, by id, keyed": (2, 767),
    "UpsertNote, by id, replayed": (3, 724),
    "PinNote, keyed": (2, 646),
    "PinNote, replayed": (3, 617),
    "UnpinNote, keyed": (2, 641),
    "UnpinNote, replayed": (3, 613),
    "CreateTask, keyed": (1, 704),
    "CreateTask, replayed": (2, 780),
    "UpsertTask, by id, keyed": (2, 782),
    "UpsertTask, by id, replayed": (3, 737),
    "CompleteTask, keyed": (2, 695),
    "CompleteTask, replayed": (3, 631),
    "ReopenTask, keyed": (2, 690),
    "ReopenTask, replayed": (3, 626),
    "CreateField, keyed": (10, 2401),
    "CreateField, replayed": (6, 861),
    "RestoreField, keyed": (2, 532),
    "RestoreField, replayed": (3, 602),
    "ChangeField, keyed": (2, 593),
    "ChangeField, replayed": (3, 662),
    "ReplaceFieldOption, keyed": (8, 763),
    "ReplaceFieldOption, replayed": (9, 812),
    "RestoreObject, keyed": (9, 961),
    "RestoreObject, replayed": (5, 688),
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
