"""The standard methods: reads, figures, writes, the past, restore, merges, duplicates,
batches. Records that are people have erasure besides.

A method of a proto becomes standard by the option `standard`. What a kind of record
adds to the standard methods is in its `Behaviour`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.options.v1 import options_pb2

from services.aggregates.aggregates import Aggregates
from services.answers.reading import Answers
from services.caller import Call, current_call
from services.duplicates.methods import Duplicates
from services.history.histories import Histories
from services.history.past import Past
from services.kinds import masks
from services.records.engine import Records
from services.records.restoring.restoring import Restoring
from services.records.upserts import Upserts
from services.search.searches import Searches

# A method: (request, gRPC context) to the answer.
Answer = Callable[[Any, Any], Awaitable[Any]]


class RunsBatches(Protocol):
    """What runs the operations of a batch."""

    async def run(self, request: Any, context: Any, service: str) -> Message:
        """Runs operations, all of them on a service's own methods."""


class Merges(Protocol):
    """What merges records of one kind, and undoes that."""

    async def merge(self, call: Call, request: Any, response: type[Message]) -> Any:
        """Merges records and answers with a `response` message."""

    async def unmerge(self, call: Call, request: Any, response: type[Message]) -> Any:
        """Undoes a merge and answers with a `response` message."""


class Erases(Protocol):
    """What erases a record."""

    async def erase(self, call: Call, request: Any) -> Message:
        """Destroys what is known of a record, and tells what that was."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The records of one kind, searches over them, their figures, reads that ask for
    more, their past, what restores and merges them, what runs batches, and where there
    are such, their duplicates and what erases a record."""

    records: Records[Any]
    searches: Searches
    aggregates: Aggregates
    answers: Answers
    histories: Histories
    past: Past
    restoring: Restoring[Any]
    batches: RunsBatches
    merging: Merges
    duplicates: Duplicates | None = None
    erasures: Erases | None = None


def standard_methods(service: ServiceDescriptor, kept: Kept) -> dict[str, Answer]:
    """Returns the standard methods of a record's service, by name."""
    return {
        method.name: _MAKERS[standard](method, kept)
        for method in service.methods
        if (standard := _standard(method))
    }


def _standard(method: MethodDescriptor) -> int:
    policy = method.GetOptions().Extensions[options_pb2.method]
    return int(policy.standard)


def _get(_: MethodDescriptor, kept: Kept) -> Answer:
    records, answers = kept.records, kept.answers

    async def get(request: Any, _: Any) -> Any:
        call = current_call()
        if call.together is not None:
            return await call.together.get(records, call, request.id)
        if call.asked is not None:
            return await answers.get(call, request.id)
        return await records.get(call.caller, request.id, call.object)

    return get


def _search(method: MethodDescriptor, kept: Kept) -> Answer:
    searches, answers = kept.searches, kept.answers
    response = GetMessageClass(method.output_type)

    async def search(request: Any, _: Any) -> Any:
        call = current_call()
        if call.asked is not None:
            return await answers.search(call, request, response)
        return await searches.search(call, request, response)

    return _prepared(search, kept)


def _aggregate(_: MethodDescriptor, kept: Kept) -> Answer:
    aggregates = kept.aggregates

    async def aggregate(request: Any, _: Any) -> Any:
        return await aggregates.aggregate(current_call(), request)

    return _prepared(aggregate, kept)


def _prepared(answer: Answer, kept: Kept) -> Answer:
    """The method, after what its kind does before it finds records."""
    prepare = kept.records.compiled.behaviour.prepare
    if prepare is None:
        return answer

    async def prepared(request: Any, context: Any) -> Any:
        await prepare(kept.records, current_call().caller)
        return await answer(request, context)

    return prepared


def _create(_: MethodDescriptor, kept: Kept) -> Answer:
    records, field = kept.records, kept.records.kind.resource

    async def create(request: Any, _: Any) -> Any:
        return await records.create(current_call(), getattr(request, field))

    return create


def _update(_: MethodDescriptor, kept: Kept) -> Answer:
    records, kind = kept.records, kept.records.kind

    async def update(request: Any, _: Any) -> Any:
        change = masks.writer(kind, request)
        return await records.update(current_call(), request.id, change, request.etag)

    return update


def _delete(_: MethodDescriptor, kept: Kept) -> Answer:
    records = kept.records

    async def delete(request: Any, _: Any) -> Empty:
        await records.delete(current_call(), request.id, request.etag)
        return Empty()

    return delete


def _upsert(method: MethodDescriptor, kept: Kept) -> Answer:
    upserts = Upserts(kept.records, GetMessageClass(method.output_type))

    async def upsert(request: Any, _: Any) -> Any:
        return await upserts.upsert(current_call(), request)

    return upsert


def _history(_: MethodDescriptor, kept: Kept) -> Answer:
    histories = kept.histories

    async def history(request: Any, _: Any) -> Any:
        return await histories.read(current_call(), request)

    return history


def _as_of(_: MethodDescriptor, kept: Kept) -> Answer:
    past = kept.past

    async def as_of(request: Any, _: Any) -> Any:
        return await past.as_of(current_call(), request)

    return as_of


def _restore(_: MethodDescriptor, kept: Kept) -> Answer:
    restoring = kept.restoring

    async def restore(request: Any, _: Any) -> Any:
        return await restoring.restore(current_call(), request.id, request.etag)

    return restore


def _duplicates(method: MethodDescriptor, kept: Kept) -> Answer:
    found, response = kept.duplicates, GetMessageClass(method.output_type)
    assert found is not None  # noqa: S101 - `Kept` has them for kinds with the method

    async def duplicates(request: Any, _: Any) -> Any:
        return await found.find(current_call(), request, response)

    return duplicates


def _duplicate_groups(method: MethodDescriptor, kept: Kept) -> Answer:
    found, response = kept.duplicates, GetMessageClass(method.output_type)
    assert found is not None  # noqa: S101 - `Kept` has them for kinds with the method

    async def groups(request: Any, _: Any) -> Any:
        return await found.page(current_call(), request, response)

    return groups


def _batch(method: MethodDescriptor, kept: Kept) -> Answer:
    batches, service = kept.batches, method.containing_service.full_name

    async def batch(request: Any, context: Any) -> Any:
        return await batches.run(request, context, service)

    return batch


def _merge(method: MethodDescriptor, kept: Kept) -> Answer:
    merging, response = kept.merging, GetMessageClass(method.output_type)

    async def merge(request: Any, _: Any) -> Any:
        return await merging.merge(current_call(), request, response)

    return merge


def _unmerge(method: MethodDescriptor, kept: Kept) -> Answer:
    merging, response = kept.merging, GetMessageClass(method.output_type)

    async def unmerge(request: Any, _: Any) -> Any:
        return await merging.unmerge(current_call(), request, response)

    return unmerge


def _erase(method: MethodDescriptor, kept: Kept) -> Answer:
    erasures = kept.erasures
    if erasures is None:
        raise ValueError(f"{method.full_name}: its record is not erasable")

    async def erase(request: Any, _: Any) -> Any:
        return await erasures.erase(current_call(), request)

    return erase


_MAKERS: Mapping[int, Callable[[MethodDescriptor, Kept], Answer]] = {
    options_pb2.STANDARD_METHOD_GET: _get,
    options_pb2.STANDARD_METHOD_SEARCH: _search,
    options_pb2.STANDARD_METHOD_CREATE: _create,
    options_pb2.STANDARD_METHOD_UPDATE: _update,
    options_pb2.STANDARD_METHOD_DELETE: _delete,
    options_pb2.STANDARD_METHOD_UPSERT: _upsert,
    options_pb2.STANDARD_METHOD_HISTORY: _history,
    options_pb2.STANDARD_METHOD_AS_OF: _as_of,
    options_pb2.STANDARD_METHOD_BATCH: _batch,
    options_pb2.STANDARD_METHOD_RESTORE: _restore,
    options_pb2.STANDARD_METHOD_MERGE: _merge,
    options_pb2.STANDARD_METHOD_UNMERGE: _unmerge,
    options_pb2.STANDARD_METHOD_DUPLICATES: _duplicates,
    options_pb2.STANDARD_METHOD_DUPLICATE_GROUPS: _duplicate_groups,
    options_pb2.STANDARD_METHOD_ERASE: _erase,
    options_pb2.STANDARD_METHOD_AGGREGATE: _aggregate,
}
