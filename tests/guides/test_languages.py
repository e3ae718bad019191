"""The other languages of a guide's calls send what its `curl` sends.

The `curl` is the oracle: it is run against a server that keeps what comes, and so is
each other language. Clients ask for the largest page where a `curl` does not say. What
gRPC sends is compared with what the edge makes of the `curl`.
"""

import io
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest

from edge.documentation.page import GRPC_HERE, HERE
from edge.portal.curl_calls import read_call, variants_of
from edge.surface import public_services
from edge.transcoder.decode import body_shape, compile_decoder
from edge.transcoder.routes import routes_of
from tests.guides.pages import blocks_of, name_of, pages

ROOT = Path(__file__).parents[2]
ROUTES = {route.rpc: route for route in routes_of(public_services())}
LARGEST_PAGE = 100
TOKEN = "pcp_" + "x" * 43
EMPTY = b'{"data": [], "meta": {"cursor": {"next": null, "has_more": false}}}'
POST = """post() { curl -sS "$API$1" -d "$2" -H "Authorization: Bearer $TOKEN" \
  -H 'Version: 2026-11-01' -H 'Content-Type: application/json'; }
"""
Sent = tuple[str, str, Any]  # method, path, body

_RUN_MODULES = """
for (const path of process.argv.slice(1)) {
  try { await import(path) } catch (error) { console.error(`${path} ${error}`) }
}
"""


@dataclass
class Kept:
    """What came: over HTTP, and over gRPC as method and bytes."""

    http: str
    grpc: str = ""
    sent: list[Sent] = field(default_factory=list)
    called: list[tuple[str, bytes]] = field(default_factory=list)

    def own(self, code: str) -> str:
        return code.replace(HERE, f"http://{self.http}").replace(GRPC_HERE, self.grpc)


def handler_of(kept: list[Sent]) -> type[BaseHTTPRequestHandler]:
    """Keeps each request, and answers an empty page."""

    class Handler(BaseHTTPRequestHandler):
        def _keep(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            assert self.headers["Authorization"] == f"Bearer {TOKEN}"
            assert self.headers["Version"] == "2026-11-01"
            told = json.loads(body, parse_float=Decimal) if body else None
            kept.append((self.command, self.path, told))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(EMPTY)))
            self.end_headers()
            self.wfile.write(EMPTY)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _keep

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler


class Calls(grpc.GenericRpcHandler):
    """Keeps each call, and answers an empty message."""

    def __init__(self, called: list[tuple[str, bytes]]) -> None:
        self._called = called

    def service(
        self, details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes]":
        def keep(request: bytes, context: grpc.ServicerContext) -> bytes:
            metadata = dict(context.invocation_metadata())
            assert metadata["authorization"] == f"Bearer {TOKEN}"
            self._called.append((details.method, request))
            return b""

        return grpc.unary_unary_rpc_method_handler(keep)


@contextmanager
def keeping() -> Iterator[Kept]:
    sent: list[Sent] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(sent))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept = Kept(f"127.0.0.1:{server.server_port}", sent=sent)
    with ThreadPoolExecutor(2) as pool:
        services = grpc.server(pool)
        services.add_generic_rpc_handlers((Calls(kept.called),))
        kept.grpc = f"127.0.0.1:{services.add_insecure_port('127.0.0.1:0')}"
        services.start()
        try:
            yield kept
        finally:
            services.stop(None).wait()
            server.shutdown()
            server.server_close()
            thread.join()


@dataclass(frozen=True, slots=True)
class Shown:
    """A call of a guide, in all its languages."""

    where: str
    codes: dict[str, str]


def shown() -> list[Shown]:
    found = []
    for page in pages():
        for block in blocks_of(page):
            variants = variants_of(block.text) if block.language == "sh" else ()
            if variants:
                codes = {each.key: each.code for each in variants}
                found.append(Shown(f"{name_of(page)}:{block.line}", codes))
    return found


def by_curl(kept: Kept, calls: list[Shown]) -> None:
    # One shell for all; each call is one request.
    script = POST + "\n".join(each.codes["sh"] for each in calls)
    env = {**os.environ, "API": f"http://{kept.http}/v1", "TOKEN": TOKEN}
    command = ["sh", "-ec", script]
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def by_python(kept: Kept, calls: list[Shown], key: str) -> None:
    for each in calls:
        names: dict[str, Any] = {}
        # An empty page is no answer to every call; what was sent is sent.
        with redirect_stdout(io.StringIO()), suppress(KeyError, AttributeError):
            exec(compile(kept.own(each.codes[key]), each.where, "exec"), names)  # noqa: S102 - ours
        for name in ("client", "channel"):
            if name in names:
                names[name].close()


def by_typescript(kept: Kept, calls: list[Shown], folder: Path) -> None:
    package = folder / "node_modules/@prospectconnect/client"
    package.parent.mkdir(parents=True)
    package.symlink_to(ROOT / "gen/clients/typescript")
    paths = [folder / f"{number}.mjs" for number in range(len(calls))]
    for path, each in zip(paths, calls, strict=True):
        path.write_text(kept.own(each.codes["typescript"]))
    command = ["node", "--input-type=module", "-e", _RUN_MODULES, *map(str, paths)]
    env = {**os.environ, "TOKEN": TOKEN}
    subprocess.run(command, env=env, capture_output=True, check=True, timeout=120)


@pytest.fixture(scope="module")
def calls() -> list[Shown]:
    return shown()


def test_most_calls_of_guides_have_every_language(calls: list[Shown]) -> None:
    whole = [each for each in calls if each.codes.keys() >= KEYS]
    assert len(whole) > 100
    assert len(calls) - len(whole) < 10, "batches and files have no gRPC"


KEYS = {"sh", "python", "typescript", "grpc"}


def compared(kept: Kept, calls: list[Shown], run: Callable[[], None]) -> None:
    by_curl(kept, calls)
    expected = kept.sent[:]
    kept.sent.clear()
    assert len(expected) == len(calls)
    run()
    assert len(kept.sent) == len(calls)
    for each, one, other in zip(calls, expected, kept.sent, strict=True):
        body, told = one[2] or {}, other[2] or {}
        if "limit" not in body and told.get("limit") == LARGEST_PAGE:
            del told["limit"]
        assert (*one[:2], body) == (*other[:2], told), each.where


@pytest.mark.needs_program("curl")
def test_python_sends_what_curl_sends(
    calls: list[Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", TOKEN)
    with keeping() as kept:
        compared(kept, calls, lambda: by_python(kept, calls, "python"))


@pytest.mark.needs_program("curl")
@pytest.mark.needs_program("node")
def test_typescript_sends_what_curl_sends(calls: list[Shown], tmp_path: Path) -> None:
    with keeping() as kept:
        compared(kept, calls, lambda: by_typescript(kept, calls, tmp_path))


def test_grpc_sends_what_the_edge_makes_of_the_call(
    calls: list[Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", TOKEN)
    spoken = [each for each in calls if "grpc" in each.codes]
    with keeping() as kept:
        by_python(kept, spoken, "grpc")
    assert len(kept.called) == len(spoken)
    for each, (method, request) in zip(spoken, kept.called, strict=True):
        call = read_call(each.codes["sh"])
        route = ROUTES[method]
        assert call is not None
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)
        values = re.fullmatch(pattern, call.path)
        assert values is not None, each.where
        body = json.loads(json.dumps(call.body or {}), parse_float=Decimal)
        body = body if route.http_method != "GET" else None
        expected = compile_decoder(route, body_shape(route))(body, values.groupdict())
        sent = route.request_class.FromString(request)
        assert sent == expected, each.where


@pytest.mark.parametrize(
    "block",
    [
        "echo curl",
        "curl -sS $API/me | cat",
        'curl -sS $API/me -H "Authorization: Bearer $OTHER" -H "Version: 2026-11-01"',
        'curl -sS $API/me -H "Authorization: Bearer $TOKEN" -H "Version: 2026-06-01"',
        'curl -sS $API/me?x=1 -H "Authorization: Bearer $TOKEN"',
        'curl -sS -d \'{"x"\' $API/me -H "Authorization: Bearer $TOKEN"',
        'curl -sS $API/me -H "Authorization: Bearer $TOKEN" -H "If-Match: 1"',
        "curl '",
        "post /nothing '{}'",
        "post /contacts x",
        "",
    ],
)
def test_what_is_more_than_a_call_stays_as_it_is(block: str) -> None:
    assert variants_of(block) == ()
