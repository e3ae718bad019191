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
    "GetActivity": (1, 389),
    "SearchActivities": (1, 2003),
    "CreateActivity": (6, 999),
    "UpdateActivity": (7, 958),
    "DeleteActivity": (6, 612),
    "ReadActivityHistory": (2, 563),
    "ReadActivityAsOf": (2, 583),
    "UpsertActivity, by id": (2, 821),
    "GetCompany": (1, 365),
    "SearchCompanies": (1, 1545),
    "CreateCompany": (1, 819),
    "UpdateCompany": (2, 649),
    "DeleteCompany": (9, 703),
    "ReadCompanyHistory": (2, 555),
    "ReadCompanyAsOf": (2, 564),
    "UpsertCompany, by id": (2, 760),
    "GetContact": (1, 360),
    "SearchContacts": (1, 1398),
    "UpdateContact": (2, 652),
    "DeleteContact": (8, 657),
    "ReadContactHistory": (2, 550),
    "ReadContactAsOf": (2, 562),
    "UpsertContact, new": (7, 930),
    "UpsertContact, by id": (2, 761),
    "UpsertContact, new external id": (2, 839),
    "CreateContact": (1, 765),
    "CreateContact, with ids": (1, 876),
    "AddContactTags": (2, 730),
    "RemoveContactTag": (2, 615),
    "SearchContacts, some fields": (1, 1059),
    "SearchContacts, two expansions": (3, 2259),
    "GetDeal": (1, 379),
    "SearchDeals": (1, 1897),
    "CreateDeal": (2, 870),
    "UpdateDeal": (2, 658),
    "DeleteDeal": (7, 625),
    "ReadDealHistory": (2, 560),
    "ReadDealAsOf": (2, 582),
    "UpsertDeal, by id": (2, 770),
    "MoveDeal": (3, 737),
    "GetNote": (1, 364),
    "SearchNotes": (1, 1400),
    "CreateNote": (1, 665),
    "UpdateNote": (2, 636),
    "DeleteNote": (2, 422),
    "ReadNoteHistory": (2, 555),
    "ReadNoteAsOf": (2, 537),
    "UpsertNote, by id": (2, 748),
    "PinNote": (2, 626),
    "UnpinNote": (2, 619),
    "GetPipeline": (1, 346),
    "SearchPipelines": (1, 453),
    "GetTask": (1, 372),
    "SearchTasks": (1, 1602),
    "CreateTask": (1, 683),
    "UpdateTask": (2, 652),
    "DeleteTask": (2, 424),
    "ReadTaskHistory": (2, 558),
    "ReadTaskAsOf": (2, 558),
    "UpsertTask, by id": (2, 762),
    "CompleteTask": (2, 674),
    "ReopenTask": (2, 669),
    "GetMe": (1, 344),
    "GetLimits": (1, 518),
    "GetToken": (1, 330),
    "SearchTokens": (1, 426),
    "CreateToken": (1, 634),
    "RevokeToken": (1, 386),
    "GetUser": (1, 330),
    "SearchUsers": (1, 505),
    "CreateField": (10, 1722),
    "UpdateField": (9, 2180),
    "DeleteField": (9, 2048),
    "RestoreField": (1, 458),
    "ChangeField": (1, 520),
    "ReplaceFieldOption": (7, 682),
    "WaitJob": (1, 428),
    "CancelJob": (5, 720),
    "CancelJob, keyed": (6, 686),
    "CancelJob, replayed": (7, 752),
    "SearchObjects": (2, 1005),
    "GetObject": (2, 376),
    "UpdateObject": (9, 928),
    "DeleteObject": (10, 847),
    "RestoreObject": (9, 921),
    "GetObjectSchema": (3, 875),
    "GetAssociation": (1, 597),
    "SearchAssociations": (1, 1163),
    "CreateAssociation": (2, 596),
    "UpdateAssociation": (3, 1147),
    "DeleteAssociation": (3, 995),
    "ReadAssociationHistory": (2, 786),
    "ReadAssociationAsOf": (2, 724),
    "ReadCustomRecordHistory": (2, 566),
    "ReadCustomRecordAsOf": (2, 537),
    "RestoreAssociationType": (1, 433),
    "CreateAssociation, keyed": (2, 629),
    "CreateAssociation, replayed": (6, 1175),
    "RestoreAssociationType, keyed": (2, 509),
    "RestoreAssociationType, replayed": (3, 579),
    "CreateActivity, keyed": (6, 1034),
    "CreateActivity, replayed": (6, 1050),
    "UpsertActivity, by id, keyed": (2, 861),
    "UpsertActivity, by id, replayed": (3, 759),
    "CreateCompany, keyed": (1, 855),
    "CreateCompany, replayed": (2, 931),
    "UpsertCompany, by id, keyed": (2, 798),
    "UpsertCompany, by id, replayed": (3, 740),
    "UpsertContact, new, keyed": (7, 966),
    "UpsertContact, new, replayed": (4, 745),
    "UpsertContact, by id, keyed": (2, 798),
    "UpsertContact, by id, replayed": (3, 739),
    "UpsertContact, new external id, keyed": (2, 877),
    "UpsertContact, new external id, replayed": (4, 832),
    "CreateContact, keyed": (1, 799),
    "CreateContact, replayed": (2, 876),
    "CreateContact, with ids, keyed": (1, 908),
    "CreateContact, with ids, replayed": (2, 985),
    "AddContactTags, keyed": (2, 759),
    "AddContactTags, replayed": (3, 690),
    "CreateDeal, keyed": (2, 903),
    "CreateDeal, replayed": (3, 980),
    "UpsertDeal, by id, keyed": (2, 806),
    "UpsertDeal, by id, replayed": (3, 744),
    "MoveDeal, keyed": (3, 774),
    "MoveDeal, replayed": (4, 706),
    "CreateNote, keyed": (1, 699),
    "CreateNote, replayed": (2, 776),
    "UpsertNote, by id, keyed": (2, 785),
    "UpsertNote, by id, replayed": (3, 725),
    "PinNote, keyed": (2, 661),
    "PinNote, replayed": (3, 620),
    "UnpinNote, keyed": (2, 655),
    "UnpinNote, replayed": (3, 615),
    "CreateTask, keyed": (1, 718),
    "CreateTask, replayed": (2, 795),
    "UpsertTask, by id, keyed": (2, 800),
    "UpsertTask, by id, replayed": (3, 737),
    "CompleteTask, keyed": (2, 710),
    "CompleteTask, replayed": (3, 632),
    "ReopenTask, keyed": (2, 706),
    "ReopenTask, replayed": (3, 629),
    "CreateField, keyed": (10, 2407),
    "CreateField, replayed": (6, 865),
    "RestoreField, keyed": (2, 534),
    "RestoreField, replayed": (3, 606),
    "ChangeField, keyed": (2, 594),
    "ChangeField, replayed": (3, 664),
    "ReplaceFieldOption, keyed": (8, 762),
    "ReplaceFieldOption, replayed": (9, 814),
    "RestoreObject, keyed": (9, 964),
    "RestoreObject, replayed": (5, 689),
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
