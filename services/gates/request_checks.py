"""The interceptor that reads requests and holds them against their rules.

A refusal names all faults that a request has.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import grpc
import orjson
from google.protobuf.message import DecodeError, Message
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.errors import (
    BadRequest,
    EtagMismatch,
    NotFound,
    ValidationFailed,
)
from services.faults import Fault, Faults, TooManyFaults
from services.gates.sent_metadata import FAULTY_FIELDS
from services.kinds.masks import written_names
from services.kinds.methods import Method
from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Database
from services.records import idempotency
from services.records.references import linking, links, missing
from services.search.filters import FilterCompiler

Context = grpc.aio.ServicerContext[Any, Any]
# A method, or the rest of one: (request, context).
Proceed = Callable[[Any, Context], Awaitable[Message]]
# Wraps the rest of a method, once for each method.
Around = Callable[[Method, Proceed], Proceed]

# The faults of a method's request that only the database can tell.
FaultFinder = Callable[[Caller, Any], Awaitable[list[Fault]]]


def check_rules(
    database: Database, kinds: Kinds, finders: Mapping[str, FaultFinder]
) -> Around:
    """Reads a request and refuses one that breaks a rule, with every fault it has.

    The edge names the fields that it could not read; such a request only has its
    other faults found and is never carried out. References, and what the `finders`
    of single methods know, are checked by the command itself; they are looked at
    here only for a request that is refused anyway, so that its answer names them too.
    """

    def around(method: Method, proceed: Proceed) -> Proceed:
        finder = finders.get(method.name)

        async def checked(request: Any, context: Context) -> Message:
            if request.__class__ is bytes:  # over a socket
                request = _read(method, request)
            call = current_call()
            faults = _rule_faults(method, request, call)
            found, refusal = list(faults.found), None
            if not found and call.unread is None:
                try:
                    return await proceed(request, context)
                except ValidationFailed as error:
                    found += error.faults
                except (NotFound, EtagMismatch) as error:
                    refusal = error
            named = {fault.field for fault in found}
            more = await _lost(database, kinds, method, request)
            if finder is not None:
                more += await finder(call.caller, request)
            found += [fault for fault in more if fault.field not in named]
            if refusal is not None and not found:
                raise refusal
            raise _refusal(found)

        return checked

    return around


def _read(method: Method, data: bytes) -> Message:
    """The request that bytes are.

    Fields that are unknown here go: nobody has checked what is in them, and nothing
    that holds the message should be sent or stored with them.
    """
    try:
        request = method.request.FromString(data)
    except DecodeError:
        raise BadRequest("The request is not a message of the method.") from None
    request.DiscardUnknownFields()
    return request


def _refusal(found: list[Fault]) -> ValidationFailed:
    """The refusal for faults; without any it is for those that the edge has found.

    The edge may have found what has no path here, such as a field that nobody knows:
    `x-faulty-fields` is an empty list then, and the request must not be carried out.
    """
    refusal = ValidationFailed(found)
    if not found:
        refusal.message = f"{FAULTY_FIELDS} says that the request cannot be read."
    return refusal


def _rule_faults(method: Method, request: Message, call: Call) -> Faults:
    """What the rules of the request's fields say against it."""
    if call.key is not None:  # taken before texts are trimmed
        call.fingerprint = idempotency.fingerprint(method.name, request)
    faults = Faults(_paths(call.unread))
    with suppress(TooManyFaults):
        method.check(request, "", faults)
        if method.searched is not None:
            _check_search(method.searched, request, call, faults)
    return faults


async def _lost(
    database: Database, kinds: Kinds, method: Method, request: Message
) -> list[Fault]:
    """The faults of the request's references behind which nothing is."""
    kind, caller = method.written, current_call().caller
    if kind is None:
        return []
    written = [item for item in kind.fields if not item.read_only]
    if "update_mask" in request.DESCRIPTOR.fields_by_name:
        names = written_names(kind, request)
        written = [f for f in written if f.name in names and not f.policy.changed_by]
    referring = linking(written, kinds)
    found = links(caller, getattr(request, kind.resource), referring, kinds)
    return await missing(database, caller, found, kind.resource)


def _paths(unread: str | bytes | None) -> frozenset[str]:
    """The paths of the fields that the edge could not read."""
    if unread is None:
        return frozenset()
    try:
        paths = orjson.loads(unread)
    except orjson.JSONDecodeError:
        paths = None
    if not isinstance(paths, list) or not all(type(path) is str for path in paths):
        raise BadRequest(f"{FAULTY_FIELDS} is a JSON array of paths.")
    return frozenset(paths)


def _check_search(kind: RecordType, request: Any, call: Call, faults: Faults) -> None:
    """Checks order and filters; what the filters compile to stays with the call."""
    item = kind.by_name.get(request.order_by)
    if request.order_by and (item is None or not item.policy.sortable):
        names = ", ".join(f.name for f in kind.fields if f.policy.sortable)
        code = FaultCode.FAULT_CODE_INVALID_CHOICE
        faults.add("order_by", code, f"Give one of {names}.")
    compiler = FilterCompiler(kind, faults, call.parameters)
    call.conditions = compiler.all(request.filters)
