"""What operations cost, in what can be counted to the last one: round trips to the
database, and calls of functions while a request is worked on.

Every operation is asked several times, and the least is what it costs: what is more
comes of statements that a connection sees for the first time, and of chance.
"""

import socket
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests import stacks
from tests.client import VERSION
from tests.end_to_end.documents.every_operation import one_pass
from tests.end_to_end.documents.scenes import Sample, set_scene
from tests.end_to_end.rights.probes import ROUTES, resource_of
from tests.harness.database.round_trips import RoundTrips, counted
from tests.harness.programs import counting_program, knowing_program
from tests.harness.wire.raw_http import Pair, read_answer, request
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES
from tests.rounds import rounds
from tests.sampling import some_of
from tests.stacks import Stack
from tests.world import ALL_SCOPES, new_tenant

PASSES = 6

# Each write of these reads all of them. In one tenant a later pass would read what the
# passes before it defined, and the least would depend on which pass was undisturbed.
# Two passes go together: the second changes back what the first changed.
_DEFINITIONS = {"association_type", "field", "object"}

# A list of all duplicates compares what is there, more in each pass. What it costs is
# measured by `tests.scale.duplicates`.
_OF_ALL = ("ListContactDuplicates", "ListCompanyDuplicates")

# What the product does by itself must not send a request to another connection, which
# has seen other statements.
# A worker of jobs, or what tends sandboxes, would make round trips of its own.
ONE_CONNECTION = {
    "PROSPECTCONNECT_MAX_CONNECTIONS": "1",
    "PROSPECTCONNECT_RUNS_JOBS": "false",
}

# So many statements a connection keeps prepared: what asyncpg does by default.
_KEPT = 100

# The operations that change many records run many statements each. They are asked
# apart from all others, so that a pass needs no more than are kept.
_APART = (("Merge", "Unmerge"), ("Erase",), ("Restore",))

# What the product asks by itself, once a second.
_HEALTH = "FROM alembic_version"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation was found to cost: the SQL of each round trip, and calls."""

    trips: Sequence[str]
    calls: int


def in_one_process(
    database_url: str,
    folder: Path,
    fault: str = counting_program.NO_FAULT,
    kinds: Iterable[str] = RESOURCES,
) -> Mapping[str, Cost]:
    """What operations of some kinds cost where edge and services are one process."""
    file = folder / "calls.json"
    program = counting_program.program(file, fault)
    asked = _ask_all("together", database_url, program, kinds)
    calls = counting_program.read_counts(file)
    return {
        name: _least(map(Cost, trips, calls[name])) for name, trips in asked.items()
    }


def some_kinds() -> Sequence[str]:
    """The kinds that are counted on split processes, others at each commit."""
    return some_of(RESOURCES, rounds("SPLIT_KINDS"))


def least_of(
    first: Mapping[str, Cost], second: Mapping[str, Cost]
) -> Mapping[str, Cost]:
    """What operations cost at least, of two counts of the same operations."""
    return {name: _least((cost, second[name])) for name, cost in first.items()}


def round_trips_apart(database_url: str, kinds: Iterable[str]) -> Mapping[str, int]:
    """How many round trips operations of some kinds take where processes are split."""
    asked = _ask_all("split", database_url, knowing_program.program(), kinds)
    return {
        name: len(_least(Cost(each, 0) for each in trips).trips)
        for name, trips in asked.items()
    }


def _least(costs: Iterable[Cost]) -> Cost:
    """The least of what it cost to ask several times, health checks left out.

    On a busy machine one may fall into each of them: the count then is of no use, and
    is made again by who compares it.
    """
    found = list(costs)
    undisturbed = [
        cost for cost in found if not any(_HEALTH in sql for sql in cost.trips)
    ] or found
    return Cost(
        min((cost.trips for cost in undisturbed), key=len),
        min(cost.calls for cost in undisturbed),
    )


def _ask_all(
    topology: str, database_url: str, program: Sequence[str], kinds: Iterable[str]
) -> Mapping[str, Sequence[Sequence[str]]]:
    """The round trips of each operation, each time that it was asked."""
    with (
        counted(database_url) as trips,
        stacks.running(topology, trips.url, ONE_CONNECTION, program) as stack,
    ):
        return _ask(stack, trips, kinds)


def _ask(
    stack: Stack, trips: RoundTrips, kinds: Iterable[str]
) -> Mapping[str, Sequence[Sequence[str]]]:
    """Asks a tenant for each kind, so that only one of them has definitions of fields.

    A pass over all kinds would also need more statements than a connection keeps
    prepared, and then each of them would be prepared again and again.
    """
    asked: dict[str, list[Sequence[str]]] = defaultdict(list)
    for name in kinds:
        if name not in _DEFINITIONS:
            for verbs in ((), *_apart(name)):
                _ask_tenant(stack, trips, name, range(PASSES), asked, verbs)
            continue
        for number in range(0, PASSES, 2):
            _ask_tenant(stack, trips, name, (number, number + 1), asked)
    return asked


def _verbs_of(name: str) -> tuple[str, ...]:
    """The verbs with which an operation is asked, () for most."""
    return next((verbs for verbs in _APART if name.startswith(verbs)), ())


def _apart(name: str) -> list[tuple[str, ...]]:
    """The verbs of a kind that are asked apart from its others."""
    own = [route for route in ROUTES if resource_of(route) == RESOURCES[name]]
    methods = [route.rpc.rpartition("/")[2] for route in own]
    return [verbs for verbs in _APART if any(m.startswith(verbs) for m in methods)]


def _ask_tenant(
    stack: Stack,
    trips: RoundTrips,
    name: str,
    passes: Iterable[int],
    asked: dict[str, list[Sequence[str]]],
    verbs: tuple[str, ...] | None = None,
) -> None:
    """`verbs`: operations of these alone, () for the others, None for all."""
    tenant = new_tenant(stack)
    token = tenant.token((*ALL_SCOPES, "token.all"))
    host, _, port = stack.http.rpartition(":")
    with (
        closing(tenant.client(token=token)) as client,
        socket.create_connection((host, int(port)), 60.0) as link,
    ):
        client.get("/me")  # by which the token is known
        # Links to custom records would give each tenant a schema.
        without = frozenset({"record"} - {name})
        maker = Maker(client, tenant.users, without, waits=False)
        scene = set_scene(maker, [name])
        for number in passes:
            statements = set[str]()
            for sample in one_pass(scene, number):
                if sample.name in _OF_ALL:
                    continue
                if verbs not in (None, _verbs_of(sample.name)):
                    continue
                statements.update(trips.take())
                _send(link, token, sample)
                asked[sample.name].append(trips.take())
                statements.update(asked[sample.name][-1])
            assert len(statements) < _KEPT * 0.9, "counts would differ by chance"
        client.get("/me")  # ends the count of the last one


def _send(link: socket.socket, token: str, sample: Sample) -> None:
    """Sends a request in one piece and expects that all is well."""
    headers: list[Pair] = [
        ("Host", "cost.example"),
        ("Authorization", f"Bearer {token}"),
        ("Version", VERSION),
        (counting_program.MARK, sample.name),
    ]
    data = b"" if sample.body is None else orjson.dumps(sample.body)
    if sample.body is not None:
        length = ("Content-Length", str(len(data)))
        headers += [("Content-Type", "application/json"), length]
    if sample.key:
        headers.append(("Idempotency-Key", sample.key))
    line = f"{sample.method} /v1{sample.path} HTTP/1.1"
    link.sendall(request(line, headers, data))
    answer = read_answer(link, sample.method)
    assert answer is not None
    assert answer.status == sample.status, (sample, answer.body)
