"""The interceptor that reads requests and checks their rules.

A refusal names all faults of a request.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import orjson
from google.protobuf.message import DecodeError, Message

from services.answers.asked import Asking, check_ids
from services.caller import Call, Caller, current_call
from services.errors import (
    BadRequest,
    EtagMismatch,
    Gone,
    NotFound,
    Unavailable,
    ValidationFailed,
)
from services.faults import Fault, Faults, TooManyFaults
from services.gates.filter_checks import check_figures, check_search
from services.gates.found_records import DELETED, MERGE, find_deleted, lead_on
from services.gates.sent_metadata import FAULTY_FIELDS
from services.kinds.masks import MOST_PATHS, written_names
from services.kinds.methods import Method
from services.kinds.own_fields import NO_FIELDS, NO_SCHEMA, OwnFields
from services.kinds.record_type import FieldType, Kinds, RecordType
from services.kinds.sensitive import fields_of
from services.postgres.database import Database
from services.records import idempotency
from services.records.own_values import CUSTOM_FIELDS, own_references
from services.records.references import missing, references_of, referring_fields
from services.records.schemas import Schemas
from services.search.generations import MOVED

Context = grpc.aio.ServicerContext[Any, Any]
# A method, or the rest of a chain: (request, context) to the answer.
Proceed = Callable[[Any, Context], Awaitable[Message]]
# Returns a wrapper of the rest of the chain. Called once for each method.
Interceptor = Callable[[Method, Proceed], Proceed]

# By so many schemas a search is tried.
_MOST_SCHEMAS = 5

# Finds the faults of a request that only the database knows.
FaultFinder = Callable[[Caller, Any], Awaitable[list[Fault]]]


@dataclass(frozen=True, slots=True)
class Known:
    """What requests are checked by: kinds, fault finders, and tenants' definitions."""

    database: Database
    kinds: Kinds
    finders: Mapping[str, FaultFinder]
    schemas: Schemas


def check_rules(known: Known) -> Interceptor:
    """Reads a request and refuses it with all its faults if it breaks a rule.

    The edge may name fields that it could not read. Such a request never runs; only its
    other faults are collected. The command itself checks references, and what the
    `finders` of some methods check. They are checked here only for a request that is
    refused anyway, so that its answer names them too.
    """

    def wrap(method: Method, proceed: Proceed) -> Proceed:
        checked = _checking(known, method, proceed)
        finds = method.searched is not None or method.counted is not None
        return _by_one_schema(known.schemas, checked) if finds else checked

    return wrap


def _by_one_schema(schemas: Schemas, checked: Proceed) -> Proceed:
    """Has a search begin again whose tenant's schema changed while it was read."""

    async def judged(request: Any, context: Context) -> Message:
        for _ in range(_MOST_SCHEMAS):
            try:
                return await checked(request, context)
            except MOVED:
                call = current_call()
                if not call.asks_own:
                    raise
                await schemas.read(call.caller.business_id)
                call.begin_again()
        raise Unavailable

    return judged


def _with_own_fields(kind: RecordType | None) -> RecordType | None:
    """The kind itself if its records may have own fields."""
    if kind is None or all(f.type is not FieldType.CUSTOM for f in kind.fields):
        return None
    return kind


def _checking(known: Known, method: Method, proceed: Proceed) -> Proceed:
    """Wraps one method: what is the same for all its requests is found here."""
    found = method.searched or method.counted
    kind = _with_own_fields(found or method.written)
    searching, asking = found is not None, None
    named = method.request.DESCRIPTOR.fields_by_name
    may_be_deleted = method.searched is not None and DELETED in named
    if method.reads is not None:
        asking = Asking(method.reads, known.kinds, method.request)

    async def checked(request: Any, context: Context) -> Message:
        if request.__class__ is bytes:  # over a socket
            request = _read(method, request)
        call = current_call()
        own = NO_FIELDS
        if method.object_field:
            call.object = getattr(request, method.object_field)
            call.schema = await known.schemas.having(call.caller, call.object)
            own = fields_of(call.schema, call.object, call.caller, searching)
        elif kind is not None:
            schema = known.schemas.known(call.caller)
            if schema is None:
                schema = await known.schemas.of(call.caller)
            call.schema = schema
            if schema is not NO_SCHEMA:
                own = fields_of(schema, kind.table, call.caller, searching)
        if may_be_deleted and request.deleted:
            find_deleted(method, call)
        if searching and request.filters and known.schemas.has_merges(call.caller):
            where = known.database, known.kinds, request.filters, call
            await lead_on(*where, of_merges=found is known.kinds.get(MERGE))
        faults = _rule_faults(known, method, request, call, own)
        if asking is not None and asking.is_used(request):
            await _check_asked(known, asking, request, call, faults)
        # In a transaction of others, the error would undo what they did.
        call.asks_own = call.asks_own and not known.schemas.is_bound
        told, refusal = list(faults.found), None
        if not told and call.unread is None:
            try:
                return await proceed(request, context)
            except ValidationFailed as error:
                told += error.faults
            except (NotFound, EtagMismatch) as error:
                refusal = error
        told += await _further(known, method, request, own, told)
        if refusal is not None and (not told or isinstance(refusal, Gone)):
            raise refusal
        raise _refusal(told)

    return checked


async def _check_asked(
    known: Known, asking: Asking, request: Any, call: Call, faults: Faults
) -> None:
    """Checks what a read asks of its answer, and keeps it in the call."""
    schema = call.schema or await known.schemas.of(call.caller)
    slug = call.object or asking.kind.table
    own = fields_of(schema, slug, call.caller)
    try:
        call.asked = asking.read(request, slug, schema, own, faults)
        if asking.has_ids and (request.ids or request.by_ids):
            check_ids(request, faults)
    except TooManyFaults:
        return


async def _further(
    known: Known,
    method: Method,
    request: Any,
    own: OwnFields,
    found: Sequence[Fault],
) -> list[Fault]:
    """The faults that only the database knows, of fields that have none yet."""
    more, named = await _lost(known, method, request, own), {e.field for e in found}
    finder = known.finders.get(method.name)
    if finder is not None:
        more += await finder(current_call().caller, request)
    return [fault for fault in more if fault.field not in named]


# A search over HTTP has at most 1 MiB of JSON. The largest messages of searches are the
# dearest ones to decode: each two bytes can become a filter.
MOST_SEARCH_BYTES = 1024**2


def _read(method: Method, data: bytes) -> Message:
    """Decodes a request.

    Unknown fields are removed, because nothing has checked them. They must not be
    stored or sent on with the message.
    """
    finds = method.searched is not None or method.counted is not None
    if finds and len(data) > MOST_SEARCH_BYTES:
        raise BadRequest(f"A search has at most {MOST_SEARCH_BYTES} bytes.")
    try:
        request = method.request.FromString(data)
    except DecodeError:
        raise BadRequest("The request is not a message of the method.") from None
    request.DiscardUnknownFields()
    return request


def _refusal(found: list[Fault]) -> ValidationFailed:
    """Returns the refusal for faults, which may all have been found by the edge.

    The edge may find faults without a path here, such as an unknown field. Then
    `x-faulty-fields` is an empty list, and the request must not run either.
    """
    refusal = ValidationFailed(found)
    if not found:
        refusal.message = f"{FAULTY_FIELDS} says that the request cannot be read."
    return refusal


def _rule_faults(
    known: Known, method: Method, request: Message, call: Call, own: OwnFields
) -> Faults:
    """Checks the rules of the request's fields."""
    if call.key is not None:  # before the checks trim texts
        call.fingerprint = idempotency.fingerprint(method.name, request)
    faults = Faults(
        _paths(call.unread), own=own if own.checks else None, updates=method.updates
    )
    try:
        method.check(request, "", faults)
        if own.checks and method.written is not None:
            _check_own(method, method.written, request, own, faults)
        if method.searched is not None:
            check_search(method.searched, known.kinds, request, call, own, faults)
        elif method.counted is not None:
            check_figures(method, method.counted, known.kinds, request, own, faults)
    except TooManyFaults:
        return faults  # those that were found till then
    return faults


def _check_own(
    method: Method, kind: RecordType, request: Any, own: OwnFields, faults: Faults
) -> None:
    """Checks what is not seen in the custom fields that are given."""
    path = f"{kind.resource}.{CUSTOM_FIELDS}"
    if not method.updates:
        given = getattr(request, kind.resource).custom_fields
        own.check_required(given, path, faults)
        return
    for written in request.update_mask.paths[:MOST_PATHS]:
        name, _, key = written.partition(".")
        if name == CUSTOM_FIELDS and key and own.lacks(key):
            own.refuse(key, path, faults)


async def _lost(
    known: Known, method: Method, request: Message, own: OwnFields
) -> list[Fault]:
    """Returns the faults of the request's references to records that do not exist."""
    kind, kinds, caller = method.written, known.kinds, current_call().caller
    if kind is None:
        return []
    written = [item for item in kind.fields if not item.read_only]
    if "update_mask" in request.DESCRIPTOR.fields_by_name:
        names = written_names(kind, request)
        written = [f for f in written if f.name in names and not f.policy.changed_by]
    referring = referring_fields(written, kinds)
    record = getattr(request, kind.resource)
    found = references_of(caller, record, referring, kinds)
    if own.references:
        found += own_references(caller, own, None, record.custom_fields, kinds)
    return await missing(known.database, caller, found, kind.resource)


def _paths(unread: str | bytes | None) -> frozenset[str]:
    """Parses the paths of the fields that the edge could not read."""
    if unread is None:
        return frozenset()
    try:
        paths = orjson.loads(unread)
    except orjson.JSONDecodeError:
        paths = None
    if not isinstance(paths, list) or not all(type(path) is str for path in paths):
        raise BadRequest(f"{FAULTY_FIELDS} is a JSON array of paths.")
    return frozenset(paths)
