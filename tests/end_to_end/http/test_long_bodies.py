"""However long a text of an HTTP request is, and whatever it holds, it costs little.

Every field of every body is tried, found from the routes, and so are headers, forms of
OAuth and a tool's arguments; what is counted is the server's processor time.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

import pytest

from edge.surface import public_services
from edge.transcoder.decode import body_shape
from edge.transcoder.routes import Route, routes_of
from edge.transcoder.shapes import FieldShape, MessageShape
from tests import stacks
from tests.client import VERSION, Client
from tests.harness.hostile.long_texts import SHAPES
from tests.harness.processor_time import MOST_SECONDS, cost
from tests.rounds import rounds
from tests.stacks import Process, Stack
from tests.world import ALL_SCOPES, new_tenant

# What a body may have, but for what stands around the text; a form; a header.
BODY_BYTES, FORM_BYTES, HEADER_BYTES = 1_048_576 - 1_024, 65_000, 6_000

ROUTES = tuple(route for route in routes_of(public_services()) if route.body_field)
FORMS = ("token", "revoke", "introspect")
HEADERS = (
    *("authorization", "version", "idempotency-key", "if-match", "traceparent"),
    *(
        "cookie",
        "origin",
        "accept",
        "content-type",
        "x-forwarded-for",
        "accept-encoding",
    ),
)
PARAMETERS = (
    *("grant_type", "code", "code_verifier", "redirect_uri", "client_id", "scope"),
    *("refresh_token", "token", "resource", "client_secret"),
)
OF_EIGHT = rounds("LONG_TEXTS")
# A text of that many digits as a number of JSON.
NUMBERS = ("{}", "1.{}", "1e{}", "-0.{}")


@dataclass(frozen=True, slots=True)
class Target:
    """A server of its own, and who calls it."""

    process: Process
    client: Client

    def cost(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> float:
        """What a request costs the server, in seconds of a processor."""
        given = {
            "authorization": f"Bearer {self.client.token}",
            "version": VERSION,
            "content-type": "application/json",
            **headers,
        }

        def made() -> None:
            assert self.client.raw(method, path, body, given).status < 500

        return cost(self.process.handle.pid, made)


@pytest.fixture(scope="module")
def target(database_url: str) -> Iterator[Target]:
    env = {"PROSPECTCONNECT_LOG_REQUESTS": "false", **stacks.UNLIMITED}
    ports = ("--http-port", "0", "--grpc-port", "0", "--no-demo")
    process = stacks.start("serve", *ports, "--database-url", database_url, env=env)
    try:
        stack = Stack("together", process.http, process.grpc, database_url)
        token = new_tenant(stack).token((*ALL_SCOPES, "token.all"))
        with closing(Client(process.http, token)) as client:
            yield Target(process, client)
    finally:
        process.handle.kill()  # it may be at a text for hours
        with process.handle:
            process.handle.wait()


def bodies(route: Route, text: str) -> Iterator[tuple[str, object]]:
    """A body for each field that there is, with the text in it."""
    shape = body_shape(route)
    assert shape is not None
    for name, value in _values(shape, text, ()):
        yield f"{route.http_method} {route.path} {name}", value


def _values(
    shape: MessageShape, text: str, within: tuple[int, ...]
) -> Iterator[tuple[str, object]]:
    if id(shape) in within:
        return
    for name, each in shape.fields.items():
        for told, value in _of_field(each, text, (*within, id(shape))):
            yield f"{name}{told}", {name: [value] if each.repeated else value}


def _of_field(
    each: FieldShape, text: str, within: tuple[int, ...]
) -> Iterator[tuple[str, object]]:
    if isinstance(each.takes, MessageShape):
        for name, value in _values(each.takes, text, within):
            yield f".{name}", value
        return
    yield "", text
    if each.open:
        yield ".key", {text: 1}
        yield ".value", {"key": text}
        yield ".element", {"key": [text]}


def path_of(route: Route) -> str:
    path = route.path
    for name in route.path_parameters:
        path = path.replace(f"{{{name}}}", "x")
    return path


@pytest.mark.parametrize(
    "shape",
    [
        "accents",
        pytest.param("blanks", marks=pytest.mark.nightly),
        pytest.param("digits, then a letter", marks=pytest.mark.nightly),
    ],
)
def test_a_text_as_long_as_a_body_costs_little(target: Target, shape: str) -> None:
    text, dear = SHAPES[shape](BODY_BYTES), {}
    for route, name, value in tried(text):
        body = json.dumps(value, ensure_ascii=False).encode()
        spent = target.cost(route.http_method, path_of(route), body, {})
        if spent > MOST_SECONDS:
            dear[name] = spent
    assert not dear


def tried(text: str) -> Iterator[tuple[Route, str, object]]:
    """The bodies that this run sends: of eight, so many."""
    number = itertools.count()
    for route in ROUTES:
        for name, value in bodies(route, text):
            if next(number) % 8 < OF_EIGHT:
                yield route, name, value


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_as_long_as_a_body_costs_little(target: Target, number: str) -> None:
    digits = number.format("1" * (BODY_BYTES - 8))
    for key in ("value", "name", "custom_fields", "tags"):
        body = f'{{"{key}": {digits}}}'.encode()
        assert target.cost("POST", "/v1/deals", body, {}) <= MOST_SECONDS


@pytest.mark.parametrize("shape", SHAPES)
def test_no_header_and_no_path_is_harder_to_read(target: Target, shape: str) -> None:
    text = SHAPES[shape](HEADER_BYTES).encode().decode("latin-1")
    for name in HEADERS:
        spent = target.cost("POST", "/v1/contacts/search", b"{}", {name: f"x{text}x"})
        assert spent <= MOST_SECONDS, name
    path = quote(SHAPES[shape](HEADER_BYTES // 3))[:HEADER_BYTES]
    for way in (f"/v1/contacts/x/tags/{path}", f"/docs?q={path}", f"/docs/{path}"):
        assert target.cost("GET", way, None, {}) <= MOST_SECONDS, way[:20]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_form_and_no_tool_is_harder_to_read(target: Target, shape: str) -> None:
    text = quote(SHAPES[shape](FORM_BYTES // 3))[:FORM_BYTES]
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for name in PARAMETERS:
        others = "&".join(f"{each}=x" for each in PARAMETERS if each != name)
        form = f"{others}&{name}={text}".encode()
        for place in FORMS:
            spent = target.cost("POST", f"/oauth/{place}", form, kind)
            assert spent <= MOST_SECONDS, (place, name)
    call = {"name": "create_contact", "arguments": {"email": SHAPES[shape](FORM_BYTES)}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    body = json.dumps(message).encode()
    assert target.cost("POST", "/mcp", body, {}) <= MOST_SECONDS


def test_nothing_is_left_out() -> None:
    names = {name for route in ROUTES for name, _ in bodies(route, "x")}
    assert names >= {
        "POST /v1/deals value",
        "POST /v1/contacts custom_fields.key",
        "PATCH /v1/activities/{id} metadata.element",
        "POST /v1/contacts/search filters.value.element",
        "POST /v1/contacts/{id}/tags tags",
    }
