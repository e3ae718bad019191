"""Performs a batch: its operations upstream in one call, and an answer for each.

The problem of an operation is the one that the single request would have had.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from edge.calls.exchange import Exchange
from edge.calls.faults import all_faults
from edge.http.preconditions import etag_condition, mismatch
from edge.problems import Fault, ProblemError, document, validation_failed
from edge.transcoder.batch_body import (
    Batch,
    Given,
    Target,
    read_batch,
    read_body,
    read_operation,
)
from edge.upstream.call import Reply, call
from edge.upstream.channel import UpstreamMethod
from edge.upstream.errors import problem_of_status

_TYPE_URL = "type.googleapis.com/"

# So many operations are read before other requests get their turn.
_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer of a batch: the JSON of each operation, and how many failed."""

    parts: Sequence[bytes]
    failed: int

    @property
    def status(self) -> int:
        """200 if all operations succeeded, else 207."""
        return 207 if self.failed else 200


def write_batch(answer: Any) -> bytes:
    """The JSON of an answer."""
    good = len(answer.parts) - answer.failed
    meta = orjson.dumps({"succeeded": good, "failed": answer.failed})
    return b'{"data":[' + b",".join(answer.parts) + b'],"meta":' + meta + b"}"


def encode_batch(answer: Any) -> dict[str, Any]:
    """The same as a dict."""
    found: dict[str, Any] = orjson.loads(write_batch(answer))
    return found


async def perform_batch(
    exchange: Exchange, batch: Batch, method: UpstreamMethod, bound: Mapping[str, str]
) -> Reply:
    """Calls a batch upstream.

    Raises:
        ProblemError: Of the batch itself; of an atomic one, that of the operation
            that failed first.
    """
    atomic, items = read_batch(exchange.body)
    request: Any = exchange.operation.route.request_class(atomic=atomic, **bound)
    given = []
    for index, item in enumerate(items):
        given.append(
            _add(exchange, request, read_operation(batch, index, item, bound), item)
        )
        if index % _AT_ONCE == _AT_ONCE - 1:
            await asyncio.sleep(0)
    try:
        reply = await call(method, request, exchange.metadata(), exchange.deadline)
    except ProblemError as error:
        raise _of_atomic(error, given) from None
    told = Told(exchange, batch.base, reply.message.trace_id)
    parts = [
        _part(told, each, result)
        for each, result in zip(given, reply.message.data, strict=True)
    ]
    return Reply(BatchAnswer(parts, reply.message.meta.failed), reply.call)


def _add(exchange: Exchange, request: Any, given: Given, item: Any) -> Given:
    """Reads the body of an operation and adds it to the request."""
    body = item.get("body") if type(item) is dict else None
    if type(body) is dict and given.target is not None:
        body = exchange.contract.upgrade(given.target.route, body, exchange.touched)
    unread = read_body(given, body)
    added = request.operations.add()
    if given.ref:
        added.ref = given.ref
    if given.request is None:
        return given
    if etags := etag_condition(given.if_match):
        given.request.etag = etags  # type: ignore[attr-defined]  # as the route says
    added.request.type_url = _TYPE_URL + given.request.DESCRIPTOR.full_name
    added.request.value = given.request.SerializeToString()
    # One that the services do not know keeps it from running, whatever it is.
    added.unread.extend(unread or (["body"] if given.faults else []))
    return given


@dataclass(frozen=True, slots=True)
class Told:
    """What the answers of all operations need."""

    exchange: Exchange
    base: str
    trace_id: str


def _part(told: Told, given: Given, result: Any) -> bytes:
    """The JSON of what became of one operation."""
    ref = b'"ref":' + orjson.dumps(given.ref) + b"," if given.ref else b""
    if result.HasField("error"):
        problem = _problem(given, result.error)
        instance = _path(given, given.target) if given.target else "/v1/batch"
        shown = document(problem, told.base, instance, told.trace_id)
        status = problem.kind.status
        return b'{%b"status":%d,"problem":%b}' % (ref, status, orjson.dumps(shown))
    target = given.target
    assert target is not None  # noqa: S101 - it was run
    answer = target.route.response_class.FromString(result.answer.value)
    status = _status(target, answer)
    record: Any = getattr(answer, target.holder) if target.holder else answer
    if status == 204:
        return b'{%b"status":204}' % ref
    etag = orjson.dumps(f'"{record.etag}"')
    written = _written(told.exchange, target, record)
    return b'{%b"status":%d,"etag":%b,"record":%b}' % (ref, status, etag, written)


def _status(target: Target, answer: Any) -> int:
    route = target.route
    if target.holder:
        return 201 if answer.status == 1 else 200  # an upsert that created
    if route.status == 201 and route.may_exist and answer.existed:
        return 200
    return route.status


def _written(exchange: Exchange, target: Target, record: Message) -> bytes:
    contract = exchange.contract
    if not contract.downgrades or target.holder:
        return target.write(record)
    found = contract.downgrade(target.route, target.encode(record), exchange.touched)
    return orjson.dumps(found)


def _path(given: Given, target: Target) -> str:
    """The path of the single request."""
    return target.route.path.format_map(given.path_values)[:1024]


def _problem(given: Given, status: Status) -> ProblemError:
    """The problem of an operation, with the faults that were found here."""
    error = problem_of_status(status)
    if error.reason == "ETAG_MISMATCH":
        return mismatch(given.if_match)
    if error.reason != "VALIDATION_FAILED":
        return error
    theirs = [replace(e, field=given.path_of(e.field)) for e in error.members["errors"]]
    if given.faults and given.request is None:
        theirs = []
    return validation_failed(*all_faults(given.faults, theirs, error.omitted))


def _of_atomic(error: ProblemError, given: Sequence[Given]) -> ProblemError:
    """The problem of an atomic batch, with the faults of all operations."""
    if "failed_operation" not in error.members:
        return error
    shown: list[Fault] = []
    for each in given:
        at = each.at
        theirs = [
            f
            if f.field == at  # what refused all of it: a scope, a version
            else replace(f, field=each.path_of(f.field[len(at) + 1 :]))
            for f in error.members["errors"]
            if f.field == at or f.field.startswith(f"{at}.")
        ]
        if each.faults and each.request is None:
            theirs = []
        shown += all_faults(each.faults, theirs, 0)[0]
    failed = given[error.members["failed_operation"]]
    if error.reason == "ETAG_MISMATCH":
        error.detail = mismatch(failed.if_match).detail
    if error.reason == "VALIDATION_FAILED":
        counted = validation_failed(shown, error.omitted)
        counted.members = {**error.members, "errors": shown}
        return counted
    error.members = {**error.members, "errors": shown}
    return error
