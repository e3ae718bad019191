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
    "SearchActivities": (1, 1995),
    "CreateActivity": (6, 996),
    "UpdateActivity": (7, 957),
    "DeleteActivity": (6, 612),
    "ReadActivityHistory": (2, 562),
    "ReadActivityAsOf": (2, 581),
    "UpsertActivity, by id": (2, 817),
    "GetCompany": (1, 361),
    "SearchCompanies": (1, 1537),
    "CreateCompany": (1, 817),
    "UpdateCompany": (2, 648),
    "DeleteCompany": (9, 704),
    "ReadCompanyHistory": (2, 554),
    "ReadCompanyAsOf": (2, 562),
    "UpsertCompany, by id": (2, 756),
    "GetContact": (1, 355),
    "SearchContacts": (1, 1390),
    "UpdateContact": (2, 651),
    "DeleteContact": (8, 657),
    "ReadContactHistory": (2, 549),
    "ReadContactAsOf": (2, 560),
    "UpsertContact, new": (7, 926),
    "UpsertContact, by id": (2, 758),
    "UpsertContact, new external id": (2, 835),
    "CreateContact": (1, 763),
    "CreateContact, with ids": (1, 871),
    "AddContactTags": (2, 723),
    "RemoveContactTag": (2, 613),
    "GetDeal": (1, 375),
    "SearchDeals": (1, 1889),
    "CreateDeal": (2, 867),
    "UpdateDeal": (2, 656),
    "DeleteDeal": (7, 625),
    "ReadDealHistory": (2, 559),
    "ReadDealAsOf": (2, 579),
    "UpsertDeal, by id": (2, 766),
    "MoveDeal": (3, 735),
    "GetNote": (1, 360),
    "SearchNotes": (1, 1392),
    "CreateNote": (1, 662),
    "UpdateNote": (2, 634),
    "DeleteNote": (2, 422),
    "ReadNoteHistory": (2, 554),
    "ReadNoteAsOf": (2, 535),
    "UpsertNote, by id": (2, 744),
    "PinNote": (2, 623),
    "UnpinNote": (2, 617),
    "GetPipeline": (1, 344),
    "SearchPipelines": (1, 448),
    "GetTask": (1, 368),
    "SearchTasks": (1, 1594),
    "CreateTask": (1, 681),
    "UpdateTask": (2, 650),
    "DeleteTask": (2, 425),
    "ReadTaskHistory": (2, 557),
    "ReadTaskAsOf": (2, 556),
    "UpsertTask, by id": (2, 759),
    "CompleteTask": (2, 672),
    "ReopenTask": (2, 668),
    "GetMe": (1, 344),
    "GetLimits": (1, 473),
    "GetToken": (1, 330),
    "SearchTokens": (1, 426),
    "CreateToken": (1, 635),
    "RevokeToken": (1, 387),
    "GetUser": (1, 328),
    "SearchUsers": (1, 500),
    "CreateField": (10, 1681),
    "UpdateField": (9, 2153),
    "DeleteField": (9, 2038),
    "RestoreField": (1, 451),
    "ChangeField": (1, 508),
    "ReplaceFieldOption": (7, 682),
    "WaitJob": (1, 428),
    "CancelJob": (5, 610),
    "CancelJob, keyed": (6, 685),
    "CancelJob, replayed": (7, 752),
    "SearchObjects": (2, 999),
    "GetObject": (2, 376),
    "UpdateObject": (9, 923),
    "DeleteObject": (10, 842),
    "RestoreObject": (9, 912),
    "GetObjectSchema": (3, 862),
    "GetAssociation": (1, 567),
    "SearchAssociations": (1, 1157),
    "CreateAssociation": (2, 596),
    "UpdateAssociation": (3, 1146),
    "DeleteAssociation": (3, 993),
    "ReadAssociationHistory": (2, 786),
    "ReadAssociationAsOf": (2, 724),
    "ReadCustomRecordHistory": (2, 565),
    "ReadCustomRecordAsOf": (2, 535),
    "RestoreAssociationType": (1, 433),
    "CreateAssociation, keyed": (2, 631),
    "CreateAssociation, replayed": (6, 1174),
    "RestoreAssociationType, keyed": (2, 509),
    "RestoreAssociationType, replayed": (3, 579),
    "CreateActivity, keyed": (6, 1031),
    "CreateActivity, replayed": (6, 1046),
    "UpsertActivity, by id, keyed": (2, 854),
    "UpsertActivity, by id, replayed": (3, 754),
    "CreateCompany, keyed": (1, 852),
    "CreateCompany, replayed": (2, 927),
    "UpsertCompany, by id, keyed": (2, 792),
    "UpsertCompany, by id, replayed": (3, 735),
    "UpsertContact, new, keyed": (7, 962),
    "UpsertContact, new, replayed": (4, 740),
    "UpsertContact, by id, keyed": (2, 792),
    "UpsertContact, by id, replayed": (3, 734),
    "UpsertContact, new external id, keyed": (2, 871),
    "UpsertContact, new external id, replayed": (4, 827),
    "CreateContact, keyed": (1, 803),
    "CreateContact, replayed": (2, 873),
    "CreateContact, with ids, keyed": (1, 905),
    "CreateContact, with ids, replayed": (2, 982),
    "AddContactTags, keyed": (2, 758),
    "AddContactTags, replayed": (3, 687),
    "CreateDeal, keyed": (2, 901),
    "CreateDeal, replayed": (3, 977),
    "UpsertDeal, by id, keyed": (2, 802),
    "UpsertDeal, by id, replayed": (3, 737),
    "MoveDeal, keyed": (3, 771),
    "MoveDeal, replayed": (4, 703),
    "CreateNote, keyed": (1, 696),
    "CreateNote, replayed": (2, 772),
    "UpsertNote, by id, keyed": (2, 780),
    "UpsertNote, by id, replayed": (3, 719),
    "PinNote, keyed": (2, 660),
    "PinNote, replayed": (3, 618),
    "UnpinNote, keyed": (2, 653),
    "UnpinNote, replayed": (3, 613),
    "CreateTask, keyed": (1, 715),
    "CreateTask, replayed": (2, 791),
    "UpsertTask, by id, keyed": (2, 795),
    "UpsertTask, by id, replayed": (3, 733),
    "CompleteTask, keyed": (2, 708),
    "CompleteTask, replayed": (3, 631),
    "ReopenTask, keyed": (2, 703),
    "ReopenTask, replayed": (3, 628),
    "CreateField, keyed": (10, 2365),
    "CreateField, replayed": (6, 852),
    "RestoreField, keyed": (2, 528),
    "RestoreField, replayed": (3, 597),
    "ChangeField, keyed": (2, 580),
    "ChangeField, replayed": (3, 650),
    "ReplaceFieldOption, keyed": (8, 762),
    "ReplaceFieldOption, replayed": (9, 812),
    "RestoreObject, keyed": (9, 960),
    "RestoreObject, replayed": (5, 688),
}

# The verb of a standard method, and how it was called.
STANDARD = re.compile(
    r"(Get|Search|Create|Update|Delete|Upsert|Read)\w+?((?:History|AsOf)?(?:, .*)?)"
)

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
