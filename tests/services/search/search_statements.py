"""Every statement that searches can send, of each kind of record.

Nothing is sent here. A search is made as the services make it, from a request and a
caller, as far as the texts that `pages` writes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, cast

from google.protobuf.json_format import ParseDict
from prospectconnect.type.v1.search_pb2 import Operator

from edge.surface import public_services
from services.caller import Call, Caller
from services.every_kind import compile_kinds
from services.faults import Faults
from services.kinds.methods import Method, read_methods
from services.kinds.record_type import (
    Field,
    FieldType,
    RecordType,
)
from services.postgres.database import Database
from services.records.engine import Records
from services.sealed.cursors import Cursors
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.search import pages
from services.search.comparisons import NONE, SEVERAL, TAKES
from services.search.filters import FilterCompiler
from services.search.pages import Page
from services.search.searches import Searches
from tests.services.callers import caller

Filter = Mapping[str, Any]

OBJECT = "licenses"
_COMPILED = compile_kinds()
_KINDS = _COMPILED["user"].kinds
SEARCHES = {
    method.searched.resource: method
    for method in read_methods(public_services(), _KINDS).values()
    if method.searched is not None
}

_MEMBER = caller(role="member")
CALLERS: Mapping[str, Caller] = {
    "sees all": caller(),
    "sees their own": _MEMBER,
    "sees some": replace(_MEMBER, own_only=frozenset(("contact", "note", "activity"))),
    "reads no links": replace(
        _MEMBER, role_permissions=frozenset(("task.read", "note.read", "activity.read"))
    ),
}
TEXTS = ("", "ada", "ada love", "2026-06-17", "+1 x9 a-b", "0123 ada #1 14:30")
DIRECTIONS = ("SORT_DIRECTION_ASC", "SORT_DIRECTION_DESC")

# How a page is read and counted by `reading`, where it has conditions and where not.
Ways = Sequence[tuple[Callable[..., str], tuple[Any, ...]]]
_READ: Ways = (
    (pages.in_order, ()),
    (pages.looked_at, ()),
    (pages.nearby, (1_000,)),
    (pages.found, (True,)),
    (pages.gathered, (True, 10)),
    (pages.gathered, (False, 10)),
)
_COUNTED: Ways = ((pages.counted, (True, 10)), (pages.counted, (False, 10)))
_READ_PLAINLY: Ways = ((pages.in_order, ()),)
_COUNTED_PLAINLY: Ways = ((pages.counted, (True, 10)),)
# A condition stands in these two, as an index and as a row is asked.
_BOTH_FORMS: Ways = ((pages.nearby, (1_000,)), (pages.gathered, (True, 10)))


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the values that are sent along."""

    sql: str
    values: tuple[Any, ...]


def statements(
    resource: str,
    who: Caller,
    body: Mapping[str, Any],
    position: tuple[str, str] | None = None,
    ways: Ways = _READ,
) -> Iterator[Statement]:
    """All that a search may send: which of it, only the data tell."""
    method = SEARCHES[resource]
    request = ParseDict(dict(body), method.request())
    searches, call = _searches(_KINDS[resource]), _call(method, who, request)
    order = searches.order(call, request)
    whole = searches.whole(call, request, order, 26)
    if ways is _READ:
        counted = _COUNTED if whole.conditions else _COUNTED_PLAINLY
        yield from _written(counted, whole, call)
    page = whole
    if position is not None:
        page = order.after(whole, position, call.parameters)
    yield from _written(ways if page.conditions else _READ_PLAINLY, page, call)


def written_by() -> set[Callable[..., str]]:
    """The functions whose statements are among them."""
    return {write for write, _ in (*_READ, *_COUNTED)}


def _written(ways: Ways, page: Page, call: Call) -> Iterator[Statement]:
    values = tuple(call.parameters.values)
    for write, arguments in ways:
        yield Statement(write(page, *arguments), values)


def _searches(kind: RecordType) -> Searches:
    cursors = Cursors(SecretKeys(SecretKey(b"a key of 32 bytes, made for tests", 0)))
    nowhere = cast("Database", None)  # nothing is sent
    return Searches(Records(nowhere, _COMPILED[kind.resource]), cursors)


def _call(method: Method, who: Caller, request: Any) -> Call:
    """The call with the filters compiled, as the interceptor leaves it."""
    call, faults = Call(who), Faults()
    assert method.searched is not None
    if method.object_field:
        setattr(request, method.object_field, OBJECT)
        call.object = OBJECT
        call.parameters.object = call.parameters.place(OBJECT, "text")
    method.check(request, "", faults)
    compiler = FilterCompiler(_KINDS[method.searched.resource], faults, call.parameters)
    call.conditions = compiler.all(request.filters)
    assert not faults.found, faults.found
    return call


def every_statement(resource: str) -> Iterator[Statement]:
    """What searches of a kind of record can send, each text at least once.

    Conditions stand beside one another, so each is tried in one search of its own and
    all words, callers, orders and positions with few of them.
    """
    conditions = list(_conditions(_KINDS[resource]))
    for each in conditions:
        body: dict[str, Any] = {"filters": [each]}
        yield from statements(resource, CALLERS["sees all"], body, ways=_BOTH_FORMS)
    few = [[], *([each] for each in _of_time()), [{"not": {"any": conditions[:3]}}]]
    for who, text, filters in product(CALLERS.values(), TEXTS, few):
        body = {"search_text": text, "filters": filters}
        yield from statements(resource, who, body)
    for item in _KINDS[resource].fields:
        if not item.policy.sortable:
            continue
        for direction, text, filters in product(DIRECTIONS, TEXTS[::3], few[:2]):
            order = {"order_by": item.name, "sort_direction": direction}
            body = {**order, "search_text": text, "filters": filters}
            for position in (None, ("7", "con_1")):
                yield from statements(resource, _MEMBER, body, position)


def _of_time() -> Iterator[Filter]:
    """Conditions that are a bound of an order, and that are not."""
    for field in ("created_at", "updated_at"):
        yield {
            "field": field,
            "operator": "OPERATOR_GTE",
            "value": "2026-06-17T14:30:00Z",
        }


def _conditions(kind: RecordType) -> Iterator[Filter]:
    """Each field with each operator, and values that are written in different ways."""
    for item in kind.by_name.values():
        if not item.policy.filterable:
            continue
        is_keyed = item.type in (FieldType.CUSTOM, FieldType.EXTERNAL)
        name = f"{item.name}.plan" if is_keyed else item.name
        for operator in TAKES[item.type]:
            made = {"field": name, "operator": Operator.Name(operator)}
            if operator in NONE:
                yield made
                continue
            for values in _VALUES[item.type](item, operator):
                if operator == Operator.OPERATOR_BETWEEN:
                    yield {**made, "values": values[:1] * 2}
                elif operator in SEVERAL:
                    yield from ({**made, "values": values * n} for n in (1, 40))
                else:
                    yield {**made, "value": values[0]}


_TEXTS: Sequence[list[Any]] = (["ada"], ["+1 (2)", "ada", ""], [""])
_NUMBERED = (
    Operator.OPERATOR_GT,
    Operator.OPERATOR_GTE,
    Operator.OPERATOR_LT,
    Operator.OPERATOR_LTE,
    Operator.OPERATOR_BETWEEN,
)
_TYPED = (
    Operator.OPERATOR_EQ,
    Operator.OPERATOR_NEQ,
    Operator.OPERATOR_IN,
    Operator.OPERATOR_NOT_IN,
)


def _custom(_: Field, operator: Operator.ValueType) -> Sequence[list[Any]]:
    if operator in _NUMBERED:
        return ([7],)
    return (*_TEXTS, [7.5], [True]) if operator in _TYPED else _TEXTS


_VALUES: Mapping[
    FieldType, Callable[[Field, Operator.ValueType], Sequence[list[Any]]]
] = {
    FieldType.STRING: lambda *_: _TEXTS,
    FieldType.ID: lambda *_: _TEXTS,
    FieldType.LINKS: lambda *_: (*_TEXTS, ["con_1", "cmp_1", "deal_1"], ["deal_1"]),
    FieldType.ENUM: lambda item, _: [list(item.choices)],
    FieldType.INTEGER: lambda *_: ([7], [7.5], [1e300]),
    FieldType.DECIMAL: lambda *_: ([7], [7.5], [1e300]),
    FieldType.BOOLEAN: lambda *_: ([True],),
    FieldType.DATE: lambda *_: (["2026-06-17"],),
    FieldType.TIMESTAMP: lambda *_: (["2026-06-17T14:30:00Z"],),
    FieldType.TAGS: lambda *_: _TEXTS,
    FieldType.IDS: lambda *_: _TEXTS,
    FieldType.CUSTOM: _custom,
    FieldType.EXTERNAL: lambda *_: _TEXTS,
}
