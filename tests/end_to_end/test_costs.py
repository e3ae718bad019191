"""No operation costs more than is written down here: nothing is timed, all is counted.

`make test PYTEST_ARGS="tests/end_to_end/test_costs.py -s"` prints the rows of `COSTS`
as they are now.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.end_to_end import costs
from tests.end_to_end.costs import Cost

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
    "GetActivity": (1, 339),
    "SearchActivities": (1, 1550),
    "CreateActivity": (6, 846),
    "UpdateActivity": (7, 853),
    "DeleteActivity": (6, 553),
    "GetCompany": (1, 334),
    "SearchCompanies": (1, 1419),
    "CreateCompany": (1, 723),
    "UpdateCompany": (2, 585),
    "DeleteCompany": (9, 648),
    "GetContact": (1, 328),
    "SearchContacts": (1, 1344),
    "CreateContact": (1, 678),
    "UpdateContact": (2, 588),
    "DeleteContact": (8, 603),
    "UpsertContact, new": (7, 797),
    "UpsertContact, by id": (2, 650),
    "AddContactTags": (2, 638),
    "RemoveContactTag": (2, 547),
    "GetDeal": (1, 348),
    "SearchDeals": (1, 1717),
    "CreateDeal": (2, 770),
    "UpdateDeal": (2, 595),
    "DeleteDeal": (7, 573),
    "MoveDeal": (3, 668),
    "GetNote": (1, 315),
    "SearchNotes": (1, 876),
    "CreateNote": (1, 525),
    "UpdateNote": (2, 517),
    "DeleteNote": (2, 370),
    "PinNote": (2, 504),
    "UnpinNote": (2, 497),
    "GetPipeline": (1, 326),
    "SearchPipelines": (1, 417),
    "GetTask": (1, 323),
    "SearchTasks": (1, 1078),
    "CreateTask": (1, 553),
    "UpdateTask": (2, 534),
    "DeleteTask": (2, 373),
    "CompleteTask": (2, 542),
    "ReopenTask": (2, 538),
    "GetMe": (1, 323),
    "GetToken": (1, 310),
    "SearchTokens": (1, 398),
    "CreateToken": (1, 587),
    "RevokeToken": (1, 365),
    "GetUser": (1, 310),
    "SearchUsers": (1, 469),
    "CreateActivity, keyed": (6, 880),
    "CreateActivity, replayed": (6, 895),
    "CreateCompany, keyed": (1, 756),
    "CreateCompany, replayed": (2, 826),
    "CreateContact, keyed": (1, 712),
    "CreateContact, replayed": (2, 782),
    "UpsertContact, new, keyed": (7, 834),
    "UpsertContact, new, replayed": (4, 672),
    "UpsertContact, by id, keyed": (2, 685),
    "UpsertContact, by id, replayed": (3, 663),
    "AddContactTags, keyed": (2, 674),
    "AddContactTags, replayed": (3, 618),
    "CreateDeal, keyed": (2, 804),
    "CreateDeal, replayed": (3, 874),
    "MoveDeal, keyed": (3, 705),
    "MoveDeal, replayed": (4, 651),
    "CreateNote, keyed": (1, 558),
    "CreateNote, replayed": (2, 628),
    "PinNote, keyed": (2, 539),
    "PinNote, replayed": (3, 547),
    "UnpinNote, keyed": (2, 533),
    "UnpinNote, replayed": (3, 542),
    "CreateTask, keyed": (1, 587),
    "CreateTask, replayed": (2, 657),
    "CompleteTask, keyed": (2, 579),
    "CompleteTask, replayed": (3, 559),
    "ReopenTask, keyed": (2, 574),
    "ReopenTask, replayed": (3, 556),
}

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
        trips, calls = expected.get(name, (0, 0))
        if len(cost.trips) != trips:
            sent = "".join(
                f"\n      {' '.join(sql.split())[:WIDTH]}" for sql in cost.trips
            )
            yield name, f"{len(cost.trips)} round trips instead of {trips}:{sent}"
        if not calls * (1 - FEWER) <= cost.calls <= calls + MORE:
            yield name, f"{cost.calls} calls instead of {calls}"


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


def test_split_processes_make_as_many_round_trips(database_url: str) -> None:
    apart = costs.round_trips_apart(database_url)
    assert apart == {name: trips for name, (trips, _) in COSTS.items()}


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
