"""The measured requests: the same bytes for every subject.

A read must get the same body each time, byte for byte; it is requested once before. The
answer to a write must contain a mark that is unique to the request.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from itertools import count, cycle
from typing import Any

from tests.bench.load import Exchange, NextExchange, WrongAnswer
from tests.bench.rows import Rows
from tests.client import VERSION
from tests.harness.wire import raw_http

PAGE = 25
GET = "get by id"
SEARCH = f"search of {PAGE}"
CREATE = "create"
KEYED = "create with key"
PATCH = "patch"
COMPARED = (GET, SEARCH, KEYED, CREATE, PATCH)

# Operations that only the product gets.
BESIDE = "get by id, others there"
DEAL = "get a deal"
DEALS = f"search of {PAGE} deals"
TIMELINE = f"timeline of {PAGE}"
OPERATIONS = (*COMPARED, DEAL, DEALS, TIMELINE, BESIDE)

# Reads and writes are for different tenants.
WRITES = (CREATE, KEYED, PATCH)

GETS = 100  # different contacts that are requested

Header = tuple[str, str]

_KEY = "Idempotency-Key"

# The placeholders for number and contact in a write's template.
_NUMBER, _ID = "%(number)09d", "%(id)s"

PERSON = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": f"ada.{_NUMBER}@bench.example",
    "phone": "+44 20 7946 0000",
    "job_title": "Countess",
    "city": "London",
    "country": "GB",
    "tags": ["bench", "VIP"],
    "custom_fields": {"plan": "gold", "seats": 3},
}
_TITLE = {"job_title": f"Title {_NUMBER}"}

_numbers = count()


def exchanges(operation: str, address: str, rows: Rows) -> NextExchange:
    """The exchanges of an operation with the subject at `address`, without end."""
    if operation in _READS:
        return _reads(address, _READS[operation](rows))
    if operation == PATCH:
        return _writes(rows, "PATCH", f"/contacts/{_ID}", _TITLE)
    key = f"{secrets.token_hex(8)}-{_NUMBER}"
    headers = ((_KEY, key),) if operation == KEYED else ()
    return _writes(rows, "POST", "/contacts", PERSON, *headers)


def gets(rows: Rows) -> list[bytes]:
    """Requests for contacts that are spread over the tenant for reads."""
    return _gets(rows, "contacts", rows.read_ids)


def search(rows: Rows) -> bytes:
    """The request for a first page of contacts."""
    return _search(rows, "contacts", limit=PAGE)


def _gets_beside(rows: Rows) -> list[bytes]:
    """The same as `gets`, with an occasional request of the other tenant."""
    other = rows.written.tokens["owner"]
    return [*gets(rows), _request(other, "POST", "/pipelines/search", {})]


def _gets(rows: Rows, plural: str, ids: Sequence[str]) -> list[bytes]:
    token, some = rows.read.tokens["owner"], ids[:: max(1, len(ids) // GETS)]
    return [_request(token, "GET", f"/{plural}/{each}") for each in some]


def _search(rows: Rows, plural: str, **query: object) -> bytes:
    token = rows.read.tokens["owner"]
    return _request(token, "POST", f"/{plural}/search", query)


def _timeline(rows: Rows) -> bytes:
    """The request for the newest of a contact's many activities."""
    of_one = {"field": "record_id", "operator": "eq", "value": rows.read_ids[0]}
    return _search(
        rows, "activities", filters=[of_one], order_by="occurred_at", limit=PAGE
    )


_READS: Mapping[str, Callable[[Rows], list[bytes]]] = {
    GET: gets,
    SEARCH: lambda rows: [search(rows)],
    DEAL: lambda rows: _gets(rows, "deals", rows.deal_ids),
    DEALS: lambda rows: [_search(rows, "deals", limit=PAGE)],
    TIMELINE: lambda rows: [_timeline(rows)],
    BESIDE: _gets_beside,
}


def _reads(address: str, requests: Sequence[bytes]) -> NextExchange:
    return cycle([_answered(address, each) for each in requests]).__next__


def _answered(address: str, request: bytes) -> Exchange:
    answer = raw_http.exchange(address, request)
    if answer is None or answer.status != 200:
        raise WrongAnswer(f"{request!r} was answered {answer}")
    return Exchange(request, b"200", answer.body, whole=True)


def _writes(
    rows: Rows, method: str, path: str, body: Mapping[str, Any], *headers: Header
) -> NextExchange:
    """Writes; no two in flight have the same number or contact."""
    request = _request(rows.written.tokens["owner"], method, path, body, *headers)
    ids = [each.encode() for each in rows.written_ids]
    status = b"201" if method == "POST" else b"200"
    mark = next(text for text in body.values() if _NUMBER in text).encode()

    def next_exchange() -> Exchange:
        number = next(_numbers)
        values = {b"number": number, b"id": ids[number % len(ids)]}
        return Exchange(request % values, status, mark % values, whole=False)

    return next_exchange


def _request(
    token: str, method: str, path: str, body: object = None, *headers: Header
) -> bytes:
    data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    size = len(data % {b"number": 0, b"id": b""})
    usual = [
        ("Host", "bench.example"),
        ("Authorization", f"Bearer {token}"),
        ("Version", VERSION),
    ]
    if data:
        usual += [("Content-Type", "application/json"), ("Content-Length", str(size))]
    return raw_http.request(f"{method} /v1{path} HTTP/1.1", [*usual, *headers], data)
