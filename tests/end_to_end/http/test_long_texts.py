"""However long a text of a gRPC call is, and whatever it holds, the call costs little.

Every text of every method is tried, found from descriptors. What is counted is the
processor time of the server, so that a busy machine changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from prospectconnect.options.v1 import options_pb2

from services.gates.request_checks import MOST_SEARCH_BYTES
from tests import stacks
from tests.fuzz.grpc_cases import methods
from tests.harness.hostile.long_texts import SHAPES, Place, full, places, request
from tests.harness.people.oauth import CALLBACK, Pairs, pkce, session
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.processor_time import MOST_SECONDS, cost
from tests.harness.programs import faulty_program
from tests.harness.wire.grpc_calls import bearer
from tests.rounds import rounds
from tests.stacks import Process, Stack
from tests.world import ALL_SCOPES

# As much as a call may hold, but for what stands around the text.
MOST_BYTES = 4 * 1024 * 1024 - 4_096
SHORT_BYTES = 65_536
AROUND = 32  # bytes around one of many texts, or more
PLACES = places(methods())
OF_EIGHT = rounds("LONG_TEXTS")
TRIED = tuple(each for n, each in enumerate(PLACES) if n % 8 < OF_EIGHT)
SEVERAL = tuple(place for place in TRIED if place.is_several)
ALONE = tuple(place for place in TRIED if place.is_alone)
PATIENCE = 60.0
MOST_OF_SEARCH = MOST_SEARCH_BYTES - 4_096

# What a call that gets out of hand may end with; nothing else here ends so.
FAULTS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}


def most_of(place: Place) -> int:
    """How many bytes of text a message of the place's method may hold."""
    is_search = place.method.name.startswith("Search")
    return MOST_OF_SEARCH if is_search else MOST_BYTES


@dataclass(frozen=True, slots=True)
class Target:
    """A server of its own, who calls it, and what is good in a request."""

    process: Process
    channel: grpc.Channel
    metadata: Mapping[bool, Pairs]  # of calls by a session, or else by a token
    known: Mapping[str, str]

    def cost(self, method: MethodDescriptor, message: bytes) -> float:
        """What a call costs the server, in seconds of a processor."""
        path = f"/{method.containing_service.full_name}/{method.name}"
        policy = method.GetOptions().Extensions[options_pb2.method]
        call: Any = self.channel.unary_unary(path)
        metadata = self.metadata[policy.session]
        if policy.keyed:
            metadata = (*metadata, ("idempotency-key", "long"))

        ends: list[Any] = []

        def made() -> None:
            ends.append(call.future(message, timeout=PATIENCE, metadata=metadata))
            ends[-1].exception()

        seconds = cost(self.process.handle.pid, made)
        assert ends[-1].code() not in FAULTS, (path, ends[-1].details())
        return seconds


@contextmanager
def opened(
    database_url: str, program: Sequence[str] = stacks.PROGRAM
) -> Iterator[Target]:
    """Starts a server; it is not asked to end, for it may be at a text for hours."""
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
    ports = ("--http-port", "0", "--grpc-port", "0", "--no-demo")
    arguments = ("serve", *ports, "--database-url", database_url)
    process = stacks.start(*arguments, env=env, program=program)
    try:
        stack = Stack("together", process.http, process.grpc, database_url)
        with opened_scene(stack) as scene:
            token = scene.token((*ALL_SCOPES, "token.all"))
            metadata = {True: session(scene.session), False: bearer(token)}
            channel = scene.oauth.channel
            yield Target(process, channel, metadata, known_of(scene))
    finally:
        process.handle.kill()
        with process.handle:
            process.handle.wait()


def known_of(scene: Scene) -> dict[str, str]:
    """What a good request has, by the names of the fields."""
    method, (verifier, challenge) = "client_secret_post", pkce()
    app = scene.oauth.register(token_endpoint_auth_method=method)
    with closing(scene.tenant.client()) as client:
        contact = client.create("/contacts", {"email": "long@b.example"})["id"]
    return {
        **{"id": contact, "client_id": app.id, "client_secret": app.secret},
        **{"method": method, "redirect_uri": CALLBACK, "response_type": "code"},
        **{"code_challenge": challenge, "code_challenge_method": "S256"},
        **{"code_verifier": verifier, "redirect_uris": CALLBACK, "code": "x"},
        **{"token": "x", "refresh_token": "x", "browser": "x", "email": "a@b.example"},
        "registration_access_token": app.registration,
        "form_token": scene.oauth.account_form(scene.session),
        "request": scene.oauth.start(app, challenge),
    }


@pytest.fixture(scope="module")
def target(database_url: str) -> Iterator[Target]:
    with opened(database_url) as target:
        yield target


def test_one_text_as_long_as_a_call_costs_little(target: Target) -> None:
    texts = {most: SHAPES["accents"](most) for most in (MOST_BYTES, MOST_OF_SEARCH)}
    dear = {}
    for place in TRIED:
        message = request(place, texts[most_of(place)], target.known)
        spent = target.cost(place.method, message)
        if spent > MOST_SECONDS:
            dear[place.name] = spent
    assert not dear


@pytest.mark.parametrize("times", [1_000, 16_000, 60_000])
def test_many_texts_as_long_as_a_call_cost_little(target: Target, times: int) -> None:
    dear = {}
    for place in SEVERAL:
        most = most_of(place)
        one, two = (len(request(place, "", target.known, n)) for n in (1, 2))
        several = min(times, most // (two - one + 8))
        text = SHAPES["accents"](max(most // several - max(AROUND, two - one + 8), 2))
        message = request(place, text, target.known, several)
        assert most // 5 < len(message) < 4 * 1024 * 1024
        spent = target.cost(place.method, message)
        if spent > MOST_SECONDS:
            dear[place.name] = spent
    assert not dear


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_is_harder_to_read_than_another(target: Target, shape: str) -> None:
    """Reading that takes time by the square of the length shows long before 4 MiB."""
    text, dear = SHAPES[shape](SHORT_BYTES), {}
    for method, found in groupby(TRIED, lambda place: place.method):
        spent = target.cost(method, full(tuple(found), text, target.known))
        if spent > MOST_SECONDS:
            dear[method.name] = spent
    for place in ALONE:
        spent = target.cost(place.method, request(place, text, target.known))
        if spent > MOST_SECONDS:
            dear[place.name] = spent
    assert not dear


def test_nothing_is_left_out() -> None:
    """The places that an attack has used, and a text within each kind of message."""
    names = {place.name for place in PLACES}
    assert names >= {
        "CreateDeal deal.value.value",
        "CreateCompany company.annual_revenue.value",
        "CreateContact contact.tags",
        "CreateContact contact.custom_fields.fields.key",
        "CreateContact contact.custom_fields.fields.value.string_value",
        "UpdateContact update_mask.paths",
        "SearchContacts filters.value.list_value.values.string_value",
        "RegisterApp metadata.contacts",
        "RecordUsage callers.counts.operation",
    }
    assert {place.method.name for place in PLACES} | WITHOUT_TEXT == {
        method.name for method in methods()
    }


WITHOUT_TEXT = {
    *("GetMe", "ResolveCaller", "ListGrantedApps", "ListOwnApps", "GetSession"),
    *("ListTokens", "GetUsage", "GetLimits", "ListOwnObjects"),
    *("ListOwnAssociationTypes", "ListOwnWebhooks", "ListOwnDashboards"),
    *("ListOwnResources", "ListOwnSandboxes"),
    *("ReplaceCalendar", "GetCalendar", "DeleteCalendar", "ReadCalendar"),
}


@pytest.mark.canary
def test_a_pattern_that_tries_every_way_would_be_seen(database_url: str) -> None:
    program = faulty_program.program("amounts_tried_every_way")
    (place,) = (each for each in PLACES if each.name == "CreateDeal deal.value.value")
    text = SHAPES["digits, then a letter"](SHORT_BYTES // 12)
    with opened(database_url, program) as target:
        message = request(place, text, target.known)
        assert target.cost(place.method, message) > MOST_SECONDS
