"""Runs the API's standard methods of records for a logged-in user.

A session cannot call these methods: a stolen cookie gives access to the pages alone.
Here the pages' service calls them. Each method has the gates that it has for a token.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2

from services.caller import CURRENT_CALL, Call, current_call
from services.errors import NotFound
from services.gates.masked_answers import mask_answers
from services.gates.partial_answers import answer_in_part
from services.gates.permissions import check_permission
from services.gates.replays import replay_answers
from services.gates.request_checks import Context, Known, Proceed, check_rules
from services.ids import is_id
from services.kinds.methods import Method
from services.kinds.record_type import RecordType
from services.registration import Service

GET = options_pb2.STANDARD_METHOD_GET
SEARCH = options_pb2.STANDARD_METHOD_SEARCH
HISTORY = options_pb2.STANDARD_METHOD_HISTORY
RESTORE = options_pb2.STANDARD_METHOD_RESTORE
MERGE = options_pb2.STANDARD_METHOD_MERGE
UNMERGE = options_pb2.STANDARD_METHOD_UNMERGE
AGGREGATE = options_pb2.STANDARD_METHOD_AGGREGATE
DUPLICATE_GROUPS = options_pb2.STANDARD_METHOD_DUPLICATE_GROUPS

_RUN = (GET, SEARCH, HISTORY, RESTORE, MERGE, UNMERGE, AGGREGATE, DUPLICATE_GROUPS)
# A search finds so many records by their ids.
_IDS_AT_ONCE = 100

# No standard method asks its context for anything.
_NO_CONTEXT: Any = None


class _Silent:
    """A context of which nobody reads what a repeated answer tells besides."""

    def trailing_metadata(self) -> tuple[()]:
        return ()

    def set_trailing_metadata(self, _: Any) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is: its kind, and the slug of its custom object, if it is one."""

    kind: RecordType
    object: str = ""

    @property
    def resource(self) -> str:
        """The type of the record, as paths name it."""
        return self.object or self.kind.table


class Running:
    """The standard methods of some services."""

    def __init__(
        self, services: Iterable[Service], methods: Mapping[str, Method], known: Known
    ) -> None:
        self._database = known.database
        self.kinds = known.kinds
        self._by_prefix = {e.policy.id_prefix: e for e in known.kinds.values()}
        self._known = known
        services = tuple(services)
        self._methods = dict(_standard_methods(services, methods, known))
        self._every = dict(_every_method(services, methods))
        self._gated: dict[str, Proceed] = {}

    def permission_of(self, kind: RecordType, standard: int) -> str | None:
        """The permission that a method asks for. None if the kind has no such method.

        It is empty if the method asks for one that depends on the record.
        """
        found = self._methods.get((kind.resource, standard))
        return None if found is None else found[0].permission

    async def run(self, place: Place, standard: int, **fields: Any) -> Any:
        """Runs a method with a request of these fields. Returns its answer."""
        method = self._method_of(place, standard)
        return await self.call(method.name, _request(method, place, fields))

    async def check(self, place: Place, standard: int, **fields: Any) -> None:
        """Raises what the rules say of a request, which is not run."""
        method = self._method_of(place, standard)
        checked = check_rules(self._known)(method, _nothing)
        with _within_a_call():
            await checked(_request(method, place, fields), _NO_CONTEXT)

    def _method_of(self, place: Place, standard: int) -> Method:
        found = self._methods.get((place.kind.resource, standard))
        if found is None:
            raise NotFound
        return found[0]

    async def call(
        self, name: str, request: Message, made_id: str = "", key: str | None = None
    ) -> Any:
        """Runs a method by its full name. Returns its answer.

        `made_id` is the id of what it makes, if a form has chosen one. With the same
        `key` the method answers as it did before.
        """
        method, handler = self._every[name]
        proceed = self._gated.get(name)
        if proceed is None:  # most programs never run it; a start does not wait for it
            proceed = self._gated[name] = _gated(method, handler, self._known)
        context: Any = _NO_CONTEXT if key is None else _Silent()
        with _within_a_call(made_id, key):
            return await proceed(request, context)

    def kind_of(self, record_id: str) -> RecordType:
        """The kind of record that an id is of. Raises `NotFound` for other texts."""
        prefix = record_id[: record_id.find("_") + 1]
        kind = self._by_prefix.get(prefix)
        if kind is None or not is_id(prefix, record_id):
            raise NotFound
        return kind

    async def place_of(self, record_id: str) -> Place:
        """Where a record would be. Raises `NotFound` for what is no record's id."""
        kind = self.kind_of(record_id)
        if not kind.object_field:
            return Place(kind)
        row = await self._database.row(
            f"SELECT r.{kind.object_field} FROM {kind.table} AS r"
            " WHERE r.business_id = $1 AND r.id = $2",
            current_call().caller.business_id,
            record_id,
        )
        if row is None:
            raise NotFound
        return Place(kind, row[0])

    async def names_of(self, place: Place, ids: Iterable[str]) -> dict[str, str]:
        """The names of those records that the user sees, by their ids."""
        sought, names = sorted(set(ids)), dict[str, str]()
        for part in (
            sought[at : at + _IDS_AT_ONCE] for at in range(0, len(sought), _IDS_AT_ONCE)
        ):
            found = await self.run(place, SEARCH, ids=part, fields=["name"])
            names |= {each.id: each.name for each in found.data if each.id}
        return names


@contextmanager
def _within_a_call(made_id: str = "", key: str | None = None) -> Iterator[None]:
    """Begins a call of its own, of the same caller."""
    outer = current_call()
    call = Call(
        outer.caller,
        key=key,
        traceparent=outer.traceparent,
        address=outer.address,
        made_id=made_id,
    )
    before = CURRENT_CALL.set(call)
    try:
        yield
    finally:
        CURRENT_CALL.reset(before)


def _request(method: Method, place: Place, fields: dict[str, Any]) -> Message:
    if method.object_field:
        fields[method.object_field] = place.object
    return method.request(**fields)


async def _nothing(_: Any, context: Context) -> Message:
    return Empty()


def _check_permission(method: Method, proceed: Proceed) -> Proceed:
    """As `authenticate` does for a token."""

    async def checked(request: Any, context: Context) -> Message:
        check_permission(current_call().caller, method.permission)
        return await proceed(request, context)

    return checked


def _gated(method: Method, proceed: Proceed, known: Known) -> Proceed:
    """A method in the gates that follow those of its token."""
    masked = mask_answers(known.schemas)
    replayed = replay_answers(known.database, None)
    gates = (_check_permission, check_rules(known), answer_in_part, masked, replayed)
    for gate in reversed(gates):
        proceed = gate(method, proceed)
    return proceed


def _standard_methods(
    services: Iterable[Service], methods: Mapping[str, Method], known: Known
) -> Iterable[tuple[tuple[str, int], tuple[Method, Proceed]]]:
    """The methods, by resource and by which standard method each is."""
    kinds = {e.message.DESCRIPTOR.full_name: e for e in known.kinds.values()}
    for service in services:
        name = service.descriptor.full_name
        kind = kinds.get(name.removesuffix("Service"))
        if kind is None:
            continue
        for each, handler in service.methods.items():
            method = methods[f"/{name}/{each}"]
            if method.standard in _RUN:
                yield (kind.resource, method.standard), (method, handler)


def _every_method(
    services: Iterable[Service], methods: Mapping[str, Method]
) -> Iterable[tuple[str, tuple[Method, Proceed]]]:
    """All methods, by their full names."""
    for service in services:
        for each, handler in service.methods.items():
            name = f"/{service.descriptor.full_name}/{each}"
            if name in methods:
                yield name, (methods[name], handler)
