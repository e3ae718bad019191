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
    "GetActivity": (1, 344),
    "SearchActivities": (1, 1561),
    "CreateActivity": (6, 858),
    "UpdateActivity": (7, 864),
    "DeleteActivity": (6, 561),
    "GetCompany": (1, 339),
    "SearchCompanies": (1, 1430),
    "CreateCompany": (1, 733),
    "UpdateCompany": (2, 595),
    "DeleteCompany": (9, 656),
    "GetContact": (1, 333),
    "SearchContacts": (1, 1355),
    "CreateContact": (1, 689),
    "UpdateContact": (2, 598),
    "DeleteContact": (8, 611),
    "UpsertContact, new": (7, 808),
    "UpsertContact, by id": (2, 660),
    "AddContactTags": (2, 648),
    "RemoveContactTag": (2, 554),
    "GetDeal": (1, 353),
    "SearchDeals": (1, 1728),
    "CreateDeal": (2, 781),
    "UpdateDeal": (2, 605),
    "DeleteDeal": (7, 581),
    "MoveDeal": (3, 678),
    "GetNote": (1, 320),
    "SearchNotes": (1, 887),
    "CreateNote": (1, 535),
    "UpdateNote": (2, 527),
    "DeleteNote": (2, 377),
    "PinNote": (2, 514),
    "UnpinNote": (2, 507),
    "GetPipeline": (1, 331),
    "SearchPipelines": (1, 427),
    "GetTask": (1, 328),
    "SearchTasks": (1, 1089),
    "CreateTask": (1, 564),
    "UpdateTask": (2, 544),
    "DeleteTask": (2, 380),
    "CompleteTask": (2, 552),
    "ReopenTask": (2, 548),
    "GetMe": (1, 331),
    "GetToken": (1, 319),
    "SearchTokens": (1, 409),
    "CreateToken": (1, 599),
    "RevokeToken": (1, 375),
    "GetUser": (1, 315),
    "SearchUsers": (1, 479),
    "CreateActivity, keyed": (6, 892),
    "CreateActivity, replayed": (6, 905),
    "CreateCompany, keyed": (1, 768),
    "CreateCompany, replayed": (2, 836),
    "CreateContact, keyed": (1, 723),
    "CreateContact, replayed": (2, 792),
    "UpsertContact, new, keyed": (7, 844),
    "UpsertContact, new, replayed": (4, 680),
    "UpsertContact, by id, keyed": (2, 695),
    "UpsertContact, by id, replayed": (3, 672),
    "AddContactTags, keyed": (2, 684),
    "AddContactTags, replayed": (3, 654),
    "CreateDeal, keyed": (2, 815),
    "CreateDeal, replayed": (3, 883),
    "MoveDeal, keyed": (3, 713),
    "MoveDeal, replayed": (4, 659),
    "CreateNote, keyed": (1, 570),
    "CreateNote, replayed": (2, 638),
    "PinNote, keyed": (2, 549),
    "PinNote, replayed": (3, 556),
    "UnpinNote, keyed": (2, 543),
    "UnpinNote, replayed": (3, 551),
    "CreateTask, keyed": (1, 598),
    "CreateTask, replayed": (2, 667),
    "CompleteTask, keyed": (2, 596),
    "CompleteTask, replayed": (3, 568),
    "ReopenTask, keyed": (2, 584),
    "ReopenTask, replayed": (3, 565),
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
