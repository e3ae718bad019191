"""An id that is not one's own is answered as one that never existed, wherever asked.

The probes come from the descriptors (`probes.py`); none of them names an operation.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict

from edge.transcoder.routes import Route
from tests import stacks
from tests.client import Client
from tests.end_to_end.exports.exporting import exported
from tests.end_to_end.imports.sending import imported
from tests.end_to_end.rights.asking_worlds import World, new_world, open_client
from tests.end_to_end.rights.probes import (
    ROUTES,
    Probe,
    action_body,
    probes_of,
    resource_of,
)
from tests.end_to_end.rights.questions import PREFIXES, PROBED, everyone, hold
from tests.harness.programs.faulty_program import program
from tests.harness.promptly import within
from tests.harness.wire.grpc_calls import bearer, refused
from tests.promises import booked
from tests.promises.record_values import UNKNOWN_DIGITS, Maker
from tests.promises.records_suite import RESOURCES
from tests.stacks import Stack

LEAST_PROBES = 300
LEAST_QUESTIONS = 1_000


@pytest.fixture(scope="module")
def worlds() -> Iterator[Callable[[Stack], World]]:
    """One world for each topology."""
    there: dict[str, World] = {}
    with ExitStack() as opened:

        def world(stack: Stack) -> World:
            if stack.topology not in there:
                client = partial(open_client, opened, stack)
                there[stack.topology] = new_world(stack, client)
            return there[stack.topology]

        yield world


@pytest.fixture
def world(stack: Stack, worlds: Callable[[Stack], World]) -> World:
    """Those who ask, and what they may not see."""
    return worlds(stack)


@pytest.mark.parametrize("route", PROBED, ids=lambda r: f"{r.http_method} {r.path}")
def test_what_is_not_ones_own_never_existed(route: Route, world: World) -> None:
    hold(route, world)


def test_the_probes_see_what_is_shown_to_all(database_url: str) -> None:
    faulty = program("everything_visible")
    with (
        stacks.running("together", database_url, program=faulty) as stack,
        ExitStack() as opened,
    ):
        world = new_world(stack, partial(open_client, opened, stack))
        for route in PROBED:
            resource = resource_of(route)
            if route.only_reads and resource and resource.policy.owner_field:
                with pytest.raises(AssertionError, match="another user's"):
                    hold(route, world)


def own_for(route: Route, probe: Probe, world: World, maker: Maker) -> str:
    """The id of something of one's own that an operation works with."""
    if probe.kind == "job":  # other probes begin jobs, which change while they run
        return world.job
    resource = resource_of(route)
    is_of_body = probe.kind == "user" and " body " in probe.name
    if is_of_body and resource and resource.policy.owners_write:
        return str(maker.client.get("/me").json["user"]["id"])
    if route.is_file and probe.kind == "export":
        return str(exported(maker.client, "users")["id"])
    if route.is_file:
        return str(imported(maker.client, b"email\nbad\n")["id"])
    if route.path.endswith("/replay"):  # few of one webhook may be under way
        return str(maker.create(RESOURCES["webhook"])["id"])
    if route.path.endswith(("/imports/{id}/start", "/imports/{id}/cancel")):
        return maker.sent_import()
    if route.path.endswith("/imports/{id}/undo"):
        return maker.ended_import()
    own = str(maker.reference(probe.kind, 0))
    if route.path.endswith(("/held", "/no_show")):
        booked.begin(world.stack, maker.client, own)
    books = " body meeting_type_id" in probe.name or route.path.endswith("/holds")
    if route.path.endswith(("/bookings", "/holds")) and books:
        return booked.meeting_type(maker.client)
    if probe.kind == "sandbox":  # one thing at a time happens to it
        assert within(60, lambda: rests(maker.client, f"/sandboxes/{own}"))
    return own


def rests(client: Client, sandbox: str) -> bool:
    """Whether a sandbox is neither reset nor has its clock moved."""
    moving = client.get(f"{sandbox}/clock").json["job_id"]
    return moving is None and client.get(sandbox).json["state"] == "ready"


@pytest.mark.parametrize("route", PROBED, ids=lambda r: f"{r.http_method} {r.path}")
def test_a_probe_would_find_what_is_there(route: Route, world: World) -> None:
    """Else it would tell nothing: the same request with an id of one's own works."""
    for probe in probes_of(route):
        for asker in world.askers:
            own = own_for(route, probe, world, asker.maker)
            answer = probe.send(asker.maker, own)
            assert answer.status < 300, (probe.name, answer.body)
            if " filter id eq" in probe.name:
                assert [each["id"] for each in answer.json["data"]] == [own]


@pytest.mark.parametrize(
    "route",
    [route for route in PROBED if "id" in route.path_parameters],
    ids=lambda route: route.rpc.rpartition("/")[2],
)
def test_over_grpc_it_never_existed_either(route: Route, world: World) -> None:
    resource = resource_of(route)
    assert resource is not None
    fields = set(route.request_class.DESCRIPTOR.fields_by_name.keys())
    with grpc.insecure_channel(world.stack.grpc) as channel:
        method: Any = channel.unary_unary(
            route.rpc,
            route.request_class.SerializeToString,
            route.response_class.FromString,
        )
        for asker, _, kind, each in everyone(world, route):
            if kind != resource.name:
                continue
            refusals = []
            for record_id in (each, PREFIXES[kind] + UNKNOWN_DIGITS):
                body = action_body(route, asker.maker) | {"id": record_id}
                named = {"number": "1"} | ({"sending": "a"} if route.is_upload else {})
                names = {*route.path_parameters, *named} & fields
                body |= {n: named.get(n, "VIP") for n in names if n != "id"}
                body.pop("only", None)  # JSON over HTTP names it otherwise
                request = ParseDict(body, route.request_class())
                metadata = bearer(asker.token)
                refusals.append(refused(method, request, metadata=metadata))
            assert refusals[0] == refusals[1]
            assert refusals[0].code is grpc.StatusCode.NOT_FOUND


def test_every_operation_with_ids_is_probed() -> None:
    figures = {route.path for route in ROUTES if route.counts}  # they name no record
    unprobed = {route.path for route in ROUTES if route not in PROBED}
    # A user's tokens are no records; `test_tokens.py` asks for those of others.
    tokens = {"/v1/tokens", "/v1/tokens/{id}", "/v1/tokens/search"}
    # Not each field has options; `test_replaced_options.py` asks for those of others.
    options = {"/v1/fields/{id}/options/{value}/replace"}
    # A path names a type by its slug; `test_custom_objects.py` asks for others.
    type_ = "/v1/objects/{slug}"
    types = {type_, f"{type_}/schema", f"{type_}/restore"}
    # The bodies of definitions hold no id.
    known = {"/v1/me", "/v1/limits", "/v1/fields", "/v1/objects"}
    known.add("/v1/association_types")
    # Its operations are those of the batches of each type of record.
    known.add("/v1/batch")
    # Changes are named by a cursor; `test_who_reads.py` asks for those of others.
    known |= {"/v1/changes/read", "/v1/changes/stream"}
    # A list of all groups names none; `test_who_finds.py` asks who is in them.
    known |= {f"/v1/{each}/duplicates/search" for each in ("contacts", "companies")}
    # Not each webhook has deliveries; `test_deliveries.py` asks for those of others.
    known.add("/v1/webhooks/{id}/deliveries/{delivery_id}/redeliver")
    # A hold is its user's own; `test_holds.py` asks for those of others.
    known.add("/v1/meeting_types/{id}/holds/{hold_id}")
    known |= {"/v1/webhooks", "/v1/sandboxes"}  # they name no record
    known |= {f"/v1/{each}" for each in ("dashboards", "reports", "imports", "exports")}
    known.add("/v1/deals/forecast")
    # Hosts are within a list; `test_rules.py` of scheduling names those of others.
    known.add("/v1/meeting_types")
    known.add("/v1/users/me/calendar")  # it is the caller's own
    # Templates, topics and suppressions name no record.
    known |= {"/v1/email_templates", "/v1/topics", "/v1/suppressions"}
    # Its path names a day; `test_contract_reports.py` asks for those of others.
    known.add("/v1/contracts/{date}/report")
    assert unprobed - figures == {*known, *tokens, *options, *types}
    names = [probe.name for route in PROBED for probe in probes_of(route)]
    print(f"{len(names)} probes of {len(PROBED)} operations")
    assert len(names) == len(set(names)) >= LEAST_PROBES


def test_a_thousand_questions_are_asked(world: World) -> None:
    """Each probe by each asker with each id that is not theirs, and one of nobody."""
    questions = sum(
        kind == probe.kind
        for route in PROBED
        for probe in probes_of(route)
        for _, _, kind, _ in everyone(world, route)
    )
    print(f"{questions} questions on {world.stack.topology}")
    assert questions >= LEAST_QUESTIONS
