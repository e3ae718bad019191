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
    "GetActivity": (1, 334),
    "SearchActivities": (1, 1531),
    "CreateActivity": (6, 841),
    "UpdateActivity": (7, 848),
    "DeleteActivity": (6, 548),
    "GetCompany": (1, 329),
    "SearchCompanies": (1, 1400),
    "CreateCompany": (1, 718),
    "UpdateCompany": (2, 580),
    "DeleteCompany": (9, 643),
    "GetContact": (1, 323),
    "SearchContacts": (1, 1324),
    "CreateContact": (1, 673),
    "UpdateContact": (2, 583),
    "DeleteContact": (8, 598),
    "UpsertContact, new": (7, 792),
    "UpsertContact, by id": (2, 644),
    "AddContactTags": (2, 634),
    "RemoveContactTag": (2, 542),
    "GetDeal": (1, 343),
    "SearchDeals": (1, 1698),
    "CreateDeal": (2, 765),
    "UpdateDeal": (2, 590),
    "DeleteDeal": (7, 568),
    "MoveDeal": (3, 663),
    "GetNote": (1, 310),
    "SearchNotes": (1, 857),
    "CreateNote": (1, 519),
    "UpdateNote": (2, 512),
    "DeleteNote": (2, 365),
    "PinNote": (2, 499),
    "UnpinNote": (2, 492),
    "GetPipeline": (1, 321),
    "SearchPipelines": (1, 398),
    "GetTask": (1, 318),
    "SearchTasks": (1, 1059),
    "CreateTask": (1, 549),
    "UpdateTask": (2, 529),
    "DeleteTask": (2, 368),
    "CompleteTask": (2, 537),
    "ReopenTask": (2, 533),
    "GetMe": (1, 318),
    "GetUser": (1, 305),
    "SearchUsers": (1, 450),
    "CreateActivity, keyed": (6, 876),
    "CreateActivity, replayed": (6, 889),
    "CreateCompany, keyed": (1, 751),
    "CreateCompany, replayed": (2, 821),
    "CreateContact, keyed": (1, 707),
    "CreateContact, replayed": (2, 777),
    "UpsertContact, new, keyed": (7, 829),
    "UpsertContact, new, replayed": (4, 667),
    "UpsertContact, by id, keyed": (2, 680),
    "UpsertContact, by id, replayed": (3, 658),
    "AddContactTags, keyed": (2, 670),
    "AddContactTags, replayed": (3, 613),
    "CreateDeal, keyed": (2, 800),
    "CreateDeal, replayed": (3, 869),
    "MoveDeal, keyed": (3, 700),
    "MoveDeal, replayed": (4, 646),
    "CreateNote, keyed": (1, 553),
    "CreateNote, replayed": (2, 623),
    "PinNote, keyed": (2, 534),
    "PinNote, replayed": (3, 542),
    "UnpinNote, keyed": (2, 528),
    "UnpinNote, replayed": (3, 537),
    "CreateTask, keyed": (1, 582),
    "CreateTask, replayed": (2, 652),
    "CompleteTask, keyed": (2, 573),
    "CompleteTask, replayed": (3, 554),
    "ReopenTask, keyed": (2, 569),
    "ReopenTask, replayed": (3, 551),
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
