"""Clients watch changes over a stream, and open it again where it broke off."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prospectconnect_client import AsyncProspectConnect, ProspectConnect, Retries
from prospectconnect_client.streams import Events
from prospectconnect_contract.records import Change
from tests.clients.programs import FAST, Account
from tests.clients.typescript.programs import run_program
from tests.world import Tenant

WATCH = """
const seen = []
const { store, asked, stopAfter } = told
try {
  for await (const change of api.changes.watch(store, asked)) {
    seen.push(change.record.id)
    if (seen.length === stopAfter) break
  }
} catch (error) {
  seen.push(error.name)
}
return seen
"""


def watched(
    client: str, account: Account, stop_after: int, store: Path | None, **asked: Any
) -> list[str]:
    """The records that a client is told of, and what ended it if it was an error."""
    kept = str(store) if store else None
    if client == "node":
        told = {"store": kept, "asked": asked, "stopAfter": stop_after}
        found: list[str] = run_program(account, WATCH, **told)
        return found
    if client == "python-async":
        return asyncio.run(_watched(account, stop_after, kept, asked))
    seen: list[str] = []
    retries = Retries(**account.retries)
    with ProspectConnect(account.token, account.address, retries=retries) as api:
        try:
            with closing(generator(api.changes.watch(kept, **asked))) as changes:
                for change in changes:
                    seen.append(change["record"]["id"])
                    if len(seen) == stop_after:
                        break
        except Exception as error:
            seen.append(type(error).__name__)
    return seen


def generator(changes: Iterator[Change]) -> Any:
    """What can be closed: a stream that nobody reads on."""
    return changes


async def _watched(
    account: Account, stop_after: int, kept: str | None, asked: Any
) -> list[str]:
    seen: list[str] = []
    retries = Retries(**account.retries)
    async with AsyncProspectConnect(
        account.token, account.address, retries=retries
    ) as api:
        changes: Any = api.changes.watch(kept, **asked)
        try:
            async for change in changes:
                seen.append(change["record"]["id"])
                if len(seen) == stop_after:
                    break
        except Exception as error:
            seen.append(type(error).__name__)
        finally:
            await changes.aclose()
    return seen


def test_changes_are_told_as_they_happen(
    client: str, tenant: Tenant, tmp_path: Path
) -> None:
    """By the product: what is asked, and where the next program goes on."""
    account = Account(f"http://{tenant.stack.http}", tenant.tokens["owner"], {})
    with closing(tenant.client("owner")) as owner:
        ids = [
            owner.create("/companies", {"name": f"Engine, {number} & ä"})["id"]
            for number in range(4)
        ]
    asked = {
        "start": "earliest",
        "resources": ["companies"],
        "types": ["company.created"],
        "filters": [{"field": "name", "operator": "contains", "value": "& ä"}],
        "include": ["state"],
    }
    store = tmp_path / "cursor"
    assert watched(client, account, 3, store, **asked) == ids[:3]
    assert store.read_text().strip()
    # The third was told and not done: it comes again.
    assert watched(client, account, 2, store, **asked) == ids[2:]
    refused = watched(client, account, 1, None, filters=[{"field": "age"}])
    assert refused == ["BadRequest"]


def test_a_stream_goes_on_after_the_last_change(client: str, tmp_path: Path) -> None:
    """It breaks within an event, a server between refuses, an attempt gets nothing."""
    first, second, third = (event(number) for number in "123")
    with scripted(
        Part(200, first + second[:-9]),
        Part(503, b"{}"),
        Part(200, b""),
        Part(200, b": still here\nid: c1b\n\n" + second.replace(b"\n", b"\r\n")),
        Part(200, third),
    ) as script:
        account = Account(script.address, "pcp_1", {"attempts": 4, **FAST})
        store = tmp_path / "cursor"
        assert watched(client, account, 3, store) == ["con_1", "con_2", "con_3"]
    assert script.cursors == [None, "c1", "c1", "c1", "c2"]
    assert store.read_text() == "c2\n"


@pytest.mark.parametrize(
    ("status", "slug", "name", "requests"),
    [
        (410, "gone", "Gone", 1),
        (403, "forbidden", "Forbidden", 1),
        (503, "service-unavailable", "ServerError", 5),
    ],
)
def test_a_problem_ends_a_stream_if_another_attempt_is_of_no_use(
    client: str, status: int, slug: str, name: str, requests: int
) -> None:
    """A stream that has begun says so by an event."""
    problem = json.dumps({"status": status, "type": f"/problems/{slug}"}).encode()
    told = b"event: problem\ndata: " + problem + b"\n\n"
    parts = [Part(200, event("1") + told), *[Part(status, problem)] * 4]
    with scripted(*parts) as script:
        account = Account(script.address, "pcp_1", {"attempts": 5, **FAST})
        assert watched(client, account, 0, None) == ["con_1", name]
    assert len(script.cursors) == requests


def test_who_reaches_nothing_is_told(client: str) -> None:
    with scripted() as script:
        pass
    account = Account(script.address, "pcp_1", {"attempts": 2, **FAST})
    assert watched(client, account, 0, None) == ["Unreachable"]


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1),
    st.data(),
)
def test_events_are_the_same_however_the_bytes_arrive(
    texts: list[str], data: st.DataObject
) -> None:
    """The oracle: what was written into the events."""
    body = b"retry: 1000\n\n" + b"".join(
        b"id: c%d\nevent: x\ndata: %b\n\n: sign\n\n"
        % (number, json.dumps({"text": text}, ensure_ascii=False).encode())
        for number, text in enumerate(texts)
    )
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=9).map(sorted))
    events, found = Events(), list[Any]()
    for begin, end in zip([0, *cuts], [*cuts, len(body)], strict=True):
        found += events.after(body[begin:end])
    told = [(each.cursor, each.change["text"]) for each in found if each.change]
    assert told == [(f"c{number}", text) for number, text in enumerate(texts)]


def event(number: str) -> bytes:
    """A change of a contact, and the cursor after it."""
    change = {"id": f"chg_{number}", "record": {"id": f"con_{number}"}}
    data = json.dumps(change).encode()
    return f"id: c{number}\nevent: x\n".encode() + b"data: " + data + b"\n\n"


@dataclass(frozen=True, slots=True)
class Part:
    """What one request is answered with; then the connection ends."""

    status: int
    body: bytes


@dataclass(slots=True)
class Script:
    """A server that answers with one part after the other."""

    parts: list[Part]
    address: str = ""
    cursors: list[str | None] = field(default_factory=list)


@contextmanager
def scripted(*parts: Part) -> Iterator[Script]:
    """Serves parts until the block ends."""
    script = Script(list(parts))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    script.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert re.fullmatch(r"/v1/changes/stream", self.path)
            script.cursors.append(self.headers["Last-Event-ID"])
            part = script.parts.pop(0)
            self.send_response_only(part.status)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(part.body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
