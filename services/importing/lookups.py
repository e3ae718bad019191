"""Finds the records that rows name by values of fields, with the caller's searches.

So a row finds what its user finds, and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from google.protobuf.struct_pb2 import Struct
from prospectconnect.options.v1 import options_pb2
from prospectconnect.type.v1 import search_pb2
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.batches.runnables import wrapped
from services.caller import CURRENT_CALL, Call, Caller
from services.errors import ValidationFailed
from services.gates.request_checks import Known, Proceed
from services.gates.within import within_a_call
from services.kinds.formats import digits
from services.kinds.methods import Method
from services.kinds.record_type import RecordType
from services.standard import Answer

_AT_ONCE = 100
_NO_TEXT = FaultCode.FAULT_CODE_INVALID_TYPE
_NO_CONTEXT: Any = None


@dataclass(frozen=True, slots=True)
class _Search:
    """What values are looked for in, the ids that were found, and what several have."""

    caller: Caller
    kind: RecordType
    slug: str
    path: str
    twice: set[str] | None
    found: dict[str, str] = field(default_factory=dict)


class Lookups:
    """Searches of all kinds of records, within a bound transaction."""

    def __init__(
        self, known: Known, methods: Mapping[str, Method], within: Mapping[str, Answer]
    ) -> None:
        chain = within_a_call(known).all
        self._kinds = known.kinds
        self._searches: dict[str, tuple[Method, Proceed]] = {
            method.searched.resource: (method, wrapped(method, within[name], chain))
            for name, method in methods.items()
            if method.standard == options_pb2.STANDARD_METHOD_SEARCH
            and method.searched is not None
            and name in within
        }

    def kind(self, resource: str) -> RecordType:
        """The kind of a resource's records."""
        return self._kinds[resource]

    async def find(
        self,
        caller: Caller,
        kind: RecordType,
        slug: str,
        path: str,
        values: Iterable[str],
        twice: set[str] | None = None,
    ) -> Mapping[str, str]:
        """The ids of records by their values of a field, the oldest of several.

        With `twice` what several records have finds none, and is added there. `slug` is
        that of a custom object. What a search refuses as a value of the field finds
        nothing. Raises what else a search would raise.
        """
        sought = sorted({folded(kind, path, each): each for each in values}.values())
        search = _Search(caller, kind, slug, path, twice)
        for start in range(0, len(sought), _AT_ONCE):
            await self._add_fitting(search, sought[start : start + _AT_ONCE])
        for value in twice or ():
            search.found.pop(value, None)
        return search.found

    async def all(self, caller: Caller, resource: str) -> list[Any]:
        """All records of a type, for types with few records in a tenant."""
        method, proceed = self._searches[resource]
        request: Any = method.request(limit=_AT_ONCE)
        found = list[Any]()
        while True:
            page = await _called(caller, proceed, request)
            found += page.data
            if not page.meta.cursor.has_more:
                return found
            request.cursor = page.meta.cursor.next

    async def _add_fitting(
        self, search: _Search, values: Sequence[str | float]
    ) -> None:
        """Looks for values; where one is refused, for each half of them by itself.

        Where the field takes no text, it looks for the numbers among them.
        """
        try:
            await self._add(search, values)
        except ValidationFailed as error:
            texts = [each for each in values if isinstance(each, str)]
            if texts and any(each.code == _NO_TEXT for each in error.faults):
                if numbers := _numbers(texts):
                    await self._add_fitting(search, numbers)
                return
            middle = len(values) // 2
            for half in (values[:middle], values[middle:]) if middle else ():
                await self._add_fitting(search, half)

    async def _add(self, search: _Search, values: Sequence[str | float]) -> None:
        kind, path, found = search.kind, search.path, search.found
        method, proceed = self._searches[kind.resource]
        request: Any = method.request(limit=_AT_ONCE)
        if method.object_field:
            setattr(request, method.object_field, search.slug)
        if "created_at" in kind.by_name:
            request.order_by = "created_at"
            request.sort_direction = search_pb2.SORT_DIRECTION_ASC
        asked = request.filters.add(field=path, operator=search_pb2.OPERATOR_IN)
        listed = Struct()
        listed["values"] = list(values)
        asked.values.extend(listed.fields["values"].list_value.values)
        while True:
            page = await _called(search.caller, proceed, request)
            for record in page.data:
                value = folded(kind, path, value_of(record, path))
                if search.twice is not None and value in found:
                    search.twice.add(value)
                found.setdefault(value, record.id)
            if not page.meta.cursor.has_more:
                return
            request.cursor = page.meta.cursor.next


async def _called(caller: Caller, proceed: Proceed, request: Any) -> Any:
    before = CURRENT_CALL.set(Call(caller))
    try:
        return await proceed(request, _NO_CONTEXT)
    finally:
        CURRENT_CALL.reset(before)


def _numbers(texts: Iterable[str]) -> list[float]:
    """The numbers among texts, as far as a double has them."""
    found = list[float]()
    for each in texts:
        try:
            number = float(each)
        except ValueError:
            continue
        if isfinite(number):
            found.append(number)
    return found


def value_of(record: Any, path: str) -> str:
    """A record's value of a field, as text."""
    holder, dot, key = path.partition(".")
    value = getattr(record, holder)
    if not dot:
        return str(value)
    held = value.fields[key]
    if held.HasField("number_value"):
        number = held.number_value
        return str(int(number)) if number.is_integer() else repr(number)
    return str(held.string_value)


def folded(kind: RecordType, path: str, value: str) -> str:
    """A value as searches compare it."""
    field = kind.by_name[path.partition(".")[0]]
    if field.is_phone:
        return digits(value)
    return value if "." in path or path == "id" else value.lower()
