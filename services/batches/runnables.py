"""The methods that operations of batches may call: the standard ones of records.

Each is wrapped in the interceptors that a call of its own would pass once its caller is
known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2

from services.gates.request_checks import Interceptor, Known, Proceed
from services.gates.within import Chain, within_a_call
from services.kinds.methods import Method
from services.kinds.record_type import Kinds, RecordType
from services.registration import Service

CREATE, UPSERT, GET = "Create", "Upsert", "Get"
VERBS = (CREATE, "Update", UPSERT, "Delete", "Restore", GET)


@dataclass(frozen=True, slots=True)
class Runnable:
    """A method that an operation may call.

    `together`: several such operations can share one statement. `again` gives a stored
    answer as the caller of today may have it; it takes the answer instead of a context.
    """

    method: Method
    verb: str
    service: str
    kind: RecordType
    together: bool
    proceed: Proceed
    again: Proceed


# By the full name of the request message, which belongs to one method only.
Runnables = Mapping[str, Runnable]


def runnables_of(
    services: Iterable[Service],
    methods: Mapping[str, Method],
    known: Known,
    kinds: Kinds,
) -> Runnables:
    """Returns the methods of all records that have batches."""
    chain = within_a_call(known)
    of_messages = {kind.message.DESCRIPTOR.full_name: kind for kind in kinds.values()}
    found = {}
    for service in services:
        name = service.descriptor.full_name
        kind = of_messages.get(name.removesuffix("Service"))
        if kind is None or not _has_batches(service, methods):
            continue
        record = kind.message.DESCRIPTOR.name
        for verb in VERBS:
            method = methods.get(f"/{name}/{verb}{record}")
            if method is not None:
                made = _runnable(service, method, verb, kind, chain)
                found[method.request.DESCRIPTOR.full_name] = made
    return found


def _has_batches(service: Service, methods: Mapping[str, Method]) -> bool:
    name = service.descriptor.full_name
    batch = options_pb2.STANDARD_METHOD_BATCH
    return any(methods[f"/{name}/{n}"].standard == batch for n in service.methods)


def _runnable(
    service: Service, method: Method, verb: str, kind: RecordType, chain: Chain
) -> Runnable:
    handler = service.methods[method.name.rpartition("/")[2]]
    return Runnable(
        method=method,
        verb=verb,
        service=service.descriptor.full_name,
        kind=kind,
        together=bool(method.standard) and verb in (CREATE, GET),
        proceed=wrapped(method, handler, chain.all),
        again=wrapped(method, _stored, chain.but_rules),
    )


async def _stored(_: Any, answer: Any) -> Message:
    return answer  # type: ignore[no-any-return]  # what `again` was given


def wrapped(
    method: Method, proceed: Proceed, interceptors: Iterable[Interceptor]
) -> Proceed:
    """A method in interceptors, the first one outermost."""
    for wrap in reversed(tuple(interceptors)):
        proceed = wrap(method, proceed)
    return proceed
