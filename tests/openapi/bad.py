"""Provokes every problem that the documents name, each once, in the product itself."""

import asyncio
import secrets
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPResponse

import asyncpg
from prospectconnect.jobs.v1 import imports_pb2

from tests import stacks
from tests.client import VERSION, Answer, Client
from tests.harness.database import row_lock
from tests.openapi.stable import TRACEPARENT
from tests.world import Tenant

ADA = {"email": "ada@engine.example"}
_UNKNOWN = "/contacts/con_0123456789abcdef01234567"

_HOLD_KEY = """
INSERT INTO idempotency_keys
  (business_id, user_id, client_id, key, fingerprint, outcome, created_at)
VALUES ($1, $2, '', 'order-1815', '', '', now())
"""
_HOLD_CONTACT = "UPDATE contacts SET city = 'x' WHERE business_id = $1 AND id = $2"


@dataclass(frozen=True, slots=True)
class Told:
    """A caller who follows the trace of all examples."""

    client: Client

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Answer:
        """Sends a request below `/v1`."""
        headers.setdefault("traceparent", TRACEPARENT)
        return self.client.send(method, path, body, **headers)


def provoke_all(tenant: Tenant) -> Iterator[tuple[str, Answer]]:
    """Every problem, by a name for it. The stack is one that answers within seconds."""
    with closing(tenant.client()) as client:
        told = Told(client)
        yield from _of_the_head(tenant, told)
        yield from _of_the_body(told)
        yield "too_slow", _too_slow(tenant)
        yield from _while_something_is_held(tenant, told)
    yield "unreachable", _unreachable(tenant)


def _of_the_head(tenant: Tenant, told: Told) -> Iterator[tuple[str, Answer]]:
    """What is refused before a body is looked at."""
    contact = told.client.create("/contacts", ADA)["id"]
    yield "no_version", told.ask("GET", "/me", version="")
    yield "query_parameter", told.ask("GET", f"/contacts/{contact}?select=name")
    yield "no_token", told.ask("GET", "/me", authorization="")
    yield "bad_token", told.ask("GET", "/me", authorization="Bearer pcp_EXAMPLE")
    reading = {"authorization": f"Bearer {tenant.token(['contact.read'])}"}
    yield "scope", told.ask("POST", "/contacts", ADA, **reading)
    viewing = {"authorization": f"Bearer {tenant.tokens['viewer']}"}
    yield "role", told.ask("POST", "/contacts", ADA, **viewing)
    yield "system_record", told.ask("DELETE", f"/activities/{_told(told, contact)}")
    yield "not_found", told.ask("GET", _UNKNOWN)
    yield "gone", _gone(told)
    yield "range", _beyond_a_file(tenant, told)
    yield "method", told.ask("PUT", f"/contacts/{contact}", ADA)
    change = {"job_title": "Countess"}
    yield "stale", told.ask("PATCH", f"/contacts/{contact}", change, if_match='"7"')
    once = {"authorization": f"Bearer {tenant.token(rate_limit=(1, 60))}"}
    told.ask("GET", "/me", **once)
    yield "rate_limit", told.ask("GET", "/me", **once)


def _gone(told: Told) -> Answer:
    """What is answered for a contact after its erasure."""
    path = f"/contacts/{told.client.create('/contacts', ADA)['id']}"
    reason = {"reason": "Request of 2026-11-28, article 17 of the GDPR"}
    assert told.ask("POST", f"{path}/erase", reason).status == 200
    return told.ask("GET", path)


def _beyond_a_file(tenant: Tenant, told: Told) -> Answer:
    """A range after the end of the rejected rows of an import that has ended."""
    given = {"resource": "contacts", "mode": "create", "format": "csv"}
    path = f"/imports/{told.client.create('/imports', given)['id']}"
    csv = {"content_type": "text/csv"}
    told.ask("PUT", f"{path}/content", b"email\nada@engine.example\n", **csv)
    asyncio.run(_end_imports(tenant))
    return told.ask("GET", f"{path}/errors.csv", range="bytes=1000000-")


async def _end_imports(tenant: Tenant) -> None:
    """Ends a tenant's imports, since no jobs run here."""
    link = await asyncpg.connect(tenant.stack.database_url)
    sql = "UPDATE imports SET state = $2 WHERE business_id = $1"
    await link.execute(sql, tenant.business_id, imports_pb2.IMPORT_STATE_SUCCEEDED)
    await link.close()


def _told(told: Told, contact: str) -> str:
    """The id of what the server tells of a contact."""
    record = {"field": "record_id", "operator": "eq", "value": contact}
    found: str = told.client.search("/activities", filters=[record])["data"][0]["id"]
    return found


def _of_the_body(told: Told) -> Iterator[tuple[str, Answer]]:
    yield "not_json", told.ask("POST", "/contacts", b'{"email": ')
    yield "cursor", told.ask("POST", "/contacts/search", {"cursor": "nonsense"})
    yield "too_large", told.ask("POST", "/contacts", b" " * (2**20 + 1))
    xml = {"content_type": "application/xml"}
    yield "no_json", told.ask("POST", "/contacts", b"<contact/>", **xml)
    yield "one_fault", told.ask("POST", "/contacts", {"first_name": "Ada"})
    faulty = {"email": "ada", "lead_score": 101, "shoe_size": 38}
    yield "many_faults", told.ask("POST", "/contacts", faulty)
    key = secrets.token_hex(8)
    told.ask("POST", "/contacts", ADA, idempotency_key=key)
    other = {"email": "charles@engine.example"}
    yield "key_reused", told.ask("POST", "/contacts", other, idempotency_key=key)


def _too_slow(tenant: Tenant) -> Answer:
    """A body that stops arriving."""
    lines = (
        "POST /v1/contacts HTTP/1.1",
        f"Host: {tenant.stack.http}",
        f"Authorization: Bearer {tenant.tokens['owner']}",
        f"Version: {VERSION}",
        f"traceparent: {TRACEPARENT}",
        "Content-Type: application/json",
        "Content-Length: 100",
    )
    host, _, port = tenant.stack.http.rpartition(":")
    with socket.create_connection((host, int(port)), 60) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n{")
        response = HTTPResponse(connection)
        response.begin()
        return Answer(response.status, {}, response.read())


def _while_something_is_held(
    tenant: Tenant, told: Told
) -> Iterator[tuple[str, Answer]]:
    url, contact = tenant.stack.database_url, told.client.create("/contacts", ADA)
    who = (tenant.business_id, tenant.users["owner"])
    with row_lock.held(url, _HOLD_KEY, *who):
        keyed = {"idempotency_key": "order-1815"}
        yield "key_busy", told.ask("POST", "/contacts", ADA, **keyed)
    path = f"/contacts/{contact['id']}"
    with row_lock.held(url, _HOLD_CONTACT, who[0], contact["id"]):
        yield "deadline", told.ask("PATCH", path, {"city": "Turin"})


def _unreachable(tenant: Tenant) -> Answer:
    """An edge with nothing behind it."""
    edge = stacks.start("edge", "--http-port", "0", "--services", "127.0.0.1:9")
    try:
        with closing(Client(edge.http, tenant.tokens["owner"])) as client:
            return Told(client).ask("GET", "/me")
    finally:
        edge.stop()
