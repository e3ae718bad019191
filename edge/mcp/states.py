"""The state of the records that a destructive call is about, by their ETags.

It is told as far as the caller may read the records. Work in progress has none: what a
job has done changes at any moment.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson

from edge.calls.exchange import Exchange
from edge.calls.perform import decoded, perform
from edge.operations import Operation
from edge.problems import ProblemError
from edge.state import Edge, connected
from edge.upstream.call import call

# Of a merge.
_MOST_OTHERS = 10
_CONDITIONAL = ("update", "delete", "restore")  # an odd method need not have a hash
_OF_ONE = ("method", "resource", "object", "id")
_MOST_OPERATIONS = 200
# The metadata of a read.
_WHO = ("authorization", "traceparent")

Json = dict[str, Any]


@dataclass(slots=True)
class State:
    """What is known of the records.

    `record` is the one that the path names, as JSON, and `etag` its tag. `tags` are
    those of all records, by what names them; "" for one that cannot be read.
    """

    tags: dict[str, str]
    etag: str = ""
    etags: dict[str, str] = field(default_factory=dict)
    record: Json | None = None
    affected: str = ""

    @property
    def digest(self) -> bytes:
        """A hash of 16 bytes."""
        told = orjson.dumps([self.tags, self.affected], option=orjson.OPT_SORT_KEYS)
        return blake2b(told, digest_size=16).digest()


def getters_of(operations: Iterable[Operation]) -> dict[str, Operation]:
    """The operations that read one record with an ETag, by their paths."""
    return {
        each.route.path: each
        for each in operations
        if each.route.http_method == "GET" and each.route.answers_etag
    }


def getter_of(path: str, getters: Mapping[str, Operation]) -> Operation | None:
    """The operation that reads the record which a path is about, None for none."""
    while path:
        if path in getters:
            return getters[path]
        path = path.rpartition("/")[0]
    return None


async def state_of(edge: Edge, exchange: Exchange, getter: Operation | None) -> State:
    """The state before a call. Raises ProblemError if it cannot be asked for."""
    if exchange.operation.batch is not None:
        return await _of_batch(edge, exchange)
    state = State({})
    if getter is None or "cancel" in exchange.operation.route.path:
        return state
    named = {name: decoded(each) for name, each in exchange.path_values.items()}
    values = {name: named[name] for name in getter.route.path_parameters}
    record = await _read(edge, exchange, getter, values)
    if record is not None:
        state.etag, state.record = record.etag, getter.as_dict(record)
    last = getter.route.path_parameters[-1]
    state.tags[values[last]] = _tag(record)
    for other in _others(exchange.body):
        found = await _read(edge, exchange, getter, {**values, last: other})
        state.tags[other] = _tag(found)
    return state


def _tag(record: Any) -> str:
    """What changes with a record. The id of a merged one leads to another record."""
    return "" if record is None else f"{getattr(record, 'id', '')} {record.etag}"


def bind(exchange: Exchange, state: State) -> None:
    """Lets a call be done only to records in this state, where it takes a condition."""
    if exchange.operation.batch is not None:
        exchange.body = {
            **exchange.body,
            "operations": [
                _conditional(each, state) for each in exchange.body["operations"]
            ],
        }
    elif exchange.operation.route.has_etag and state.etag:
        exchange.headers.add("if-match", f'"{state.etag}"')  # type: ignore[attr-defined]  # Sanic's


def _others(body: Any) -> list[str]:
    """The ids of further records in a body."""
    ids = body.get("ids") if isinstance(body, dict) else None
    found = ids[:_MOST_OTHERS] if isinstance(ids, list) else []
    return sorted({each for each in found if type(each) is str and each})


async def _read(
    edge: Edge, exchange: Exchange, getter: Operation, values: Mapping[str, str]
) -> Any:
    """A record; None if the caller cannot read it."""
    method = connected(edge).methods[getter.route.request_class]
    metadata = [each for each in exchange.metadata() if each[0] in _WHO]
    try:
        request = getter.decode(None, values)
        reply = await call(method, request, metadata, exchange.deadline)
    except ProblemError as problem:
        if problem.kind.status in (401, 429) or problem.kind.status >= 500:
            raise
        return None
    holder = getter.route.record_in
    return getattr(reply.message, holder) if holder else reply.message


async def _of_batch(edge: Edge, exchange: Exchange) -> State:
    """The records that the operations of a batch name, read by another batch."""
    named = dict(_named(exchange.body["operations"][:_MOST_OPERATIONS]))
    state = State({})
    if not named:
        return state
    reading = copy(exchange)
    reading.idempotency_key, reading.is_dry = None, False
    reading.body = {"operations": [{**e, "method": "get"} for e in named.values()]}
    method = connected(edge).methods[exchange.operation.route.request_class]
    reply = await perform(reading, method)
    for name, part in zip(named, reply.message.parts, strict=True):
        result = orjson.loads(part)
        state.etags[name] = result.get("etag", "")
        state.tags[name] = f"{result.get('record', {}).get('id')} {state.etags[name]}"
    return state


def _named(operations: list[Any]) -> Iterator[tuple[str, Json]]:
    """The records that operations name by an id, each by what names it."""
    for each in operations:
        if not isinstance(each, dict) or each.get("method") not in _CONDITIONAL:
            continue
        kept = {name: each[name] for name in _OF_ONE if name in each}
        is_named = type(kept.get("id")) is str and not kept["id"].startswith("@")
        if is_named and all(type(value) is str for value in kept.values()):
            yield _name(each), kept


def _name(operation: Json) -> str:
    return "/".join(str(operation.get(name, "")) for name in _OF_ONE[1:])


def _conditional(operation: Any, state: State) -> Any:
    """An operation with the condition that its record has not changed.

    An earlier operation of the batch may change it, so only its first one gets it.
    """
    if not isinstance(operation, dict) or operation.get("if_match") is not None:
        return operation
    if operation.get("method") not in _CONDITIONAL:
        return operation
    tag = state.etags.pop(_name(operation), "")
    return {**operation, "if_match": tag} if tag else operation
