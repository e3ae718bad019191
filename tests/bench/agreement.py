"""The check, before all measurements, that the peers answer the same as the product.

Bare Sanic must return the same bytes, the others the same values: FastAPI has its own
cursors, and Envoy writes protobuf's JSON, which leaves out unset fields, and shows as
empty what the product only writes where there is something.
"""

import json
import secrets
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from tests.bench import operations as op
from tests.bench.load import WrongAnswer
from tests.bench.rows import Rows
from tests.bench.subjects import ENVOY, FASTAPI, Subject
from tests.client import Client
from tests.harness.wire import raw_http

_PERSON = {**op.PERSON, "email": "agreed@bench.example"}
_CHANGES = {"job_title": "Duchess", "tags": ["agreed"], "custom_fields": {"seats": 4}}
_EMPTY: Sequence[Any] = (None, [], {})
_OF_THE_MOMENT = ("id", "created_at", "updated_at")


def check(rows: Rows, subjects: Sequence[Subject]) -> None:
    """Compares all subjects with the first one, the product. Raises WrongAnswer."""
    product, *peers = subjects
    for request in (*op.gets(rows), op.search(rows)):
        expected = _answer(product, request)
        for peer in peers:
            given = _answer(peer, request)
            if _comparable(peer, given) != _as_given_by(peer, expected):
                raise WrongAnswer(f"{peer.name} says {given!r}, not {expected!r}")
    writing = [peer for peer in subjects if op.KEYED in peer.operations]
    outcomes = {peer.name: _written(rows, peer) for peer in writing}
    if any(outcome != outcomes[product.name] for outcome in outcomes.values()):
        raise WrongAnswer(f"what was written differs: {outcomes}")


def _answer(subject: Subject, request: bytes) -> bytes:
    answer = raw_http.exchange(subject.http, request)
    if answer is None or answer.status != 200:
        raise WrongAnswer(f"{subject.name} answered {answer} to {request!r}")
    return answer.body


def _comparable(peer: Subject, given: bytes) -> Any:
    """A peer's answer without the parts that may differ."""
    if peer.name == FASTAPI:
        return _without_cursor(json.loads(given))
    if peer.name == ENVOY:
        return _set_fields(json.loads(given))
    return given


def _as_given_by(peer: Subject, expected: bytes) -> Any:
    """The product's answer in the form of a peer."""
    if peer.name == FASTAPI:
        return _without_cursor(json.loads(expected))
    if peer.name == ENVOY:
        return _as_protobuf_json(json.loads(expected))
    return expected


def _without_cursor(found: Any) -> Any:
    if "meta" in found:
        cursor = found["meta"]["cursor"]
        cursor["next"] = cursor["next"] is not None
    return found


def _set_fields(found: Any) -> Any:
    """Leaves out what is empty, and versions, which the product tells in a header."""
    for each in (found, *found.get("data", ())):
        each.pop("etag", None)
        for name in [name for name, value in each.items() if value in _EMPTY]:
            del each[name]
    return found


def _as_protobuf_json(found: Any) -> Any:
    """Writes enums in full and leaves out unset fields."""
    for each in found.get("data", [found]):
        each["lifecycle_stage"] = f"LIFECYCLE_STAGE_{each['lifecycle_stage'].upper()}"
    return _set_fields(found)


def _written(rows: Rows, subject: Subject) -> list[Any]:
    """A subject's answers to a create, its repetition, and a change."""
    key = secrets.token_hex()
    with closing(Client(subject.http, rows.written.tokens["owner"])) as client:
        created = client.post("/contacts", _PERSON, idempotency_key=key)
        if created.status != 201:
            raise WrongAnswer(f"{subject.name} has not written: {created}")
        again = client.post("/contacts", _PERSON, idempotency_key=key)
        changed = client.patch(f"/contacts/{created.json['id']}", _CHANGES)
    return [
        (created.status, again.status, changed.status),
        (again.body == created.body, again.headers.get("idempotent-replayed")),
        *(_lasting(answer.json) for answer in (created, changed)),
    ]


def _lasting(contact: dict[str, Any]) -> dict[str, Any]:
    """The fields of a contact that do not depend on where and when it was created."""
    return {
        name: value for name, value in contact.items() if name not in _OF_THE_MOMENT
    }
