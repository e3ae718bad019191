"""What a request asks of its answer: some fields, and records that come along.

A path of `expand` has a link at each step, or one step to associated records. What the
caller may not read is no fault: the answer has null there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.answers.parts import Names, read_names, reader_of
from services.faults import Faults
from services.kinds.association_types import AssociationType
from services.kinds.objects import ObjectRecords, records_of
from services.kinds.own_fields import OwnFields, Schema
from services.kinds.record_type import FieldType, Kinds, RecordType
from services.records.rows import RowReader
from services.search.associated import INVERSE, PREFIX, other_end

MOST_FIELDS, MOST_PATHS, MOST_STEPS, MOST_IDS = 200, 5, 2, 100

# The field of requests that names what comes along. Some records lead to no other.
EXPAND = "expand"

_CUSTOM_FIELDS = "custom_fields"
_ID = "_id"

# What a request with `ids` does without. A `limit` says nothing there, so that programs
# which always send one need not leave it out.
_NOT_WITH_IDS = ("filters", "search_text", "order_by", "sort_direction", "cursor")


@dataclass(frozen=True, slots=True)
class Link:
    """A step to the records whose ids a field holds. `parent` is the path before it."""

    path: str
    parent: str
    field: str
    kind: RecordType


@dataclass(frozen=True, slots=True)
class Listed:
    """A step to associated records: by a type, seen from one of its ends."""

    path: str
    type: AssociationType
    inverse: bool
    other: ObjectRecords


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. `names` and `reader` are None for all fields.

    Of `links` each comes after its parent.
    """

    names: Names | None = None
    reader: RowReader | None = None
    links: tuple[Link, ...] = ()
    lists: tuple[Listed, ...] = ()

    def within(self, own: OwnFields) -> OwnFields:
        """The tenant's fields, with no more masked ones than were asked for."""
        if self.names is None or _CUSTOM_FIELDS in self.names[0]:
            return own
        keys = dict(self.names[1]).get(_CUSTOM_FIELDS, ())
        return replace(own, masked=own.masked.intersection(keys))


@dataclass(frozen=True, slots=True)
class Surface:
    """What a request may name: its records are of a kind, by the name `slug`."""

    kind: RecordType
    kinds: Kinds
    slug: str
    schema: Schema
    own: OwnFields


def read_asked(request: Any, surface: Surface, faults: Faults) -> Asked:
    """Reads what a request asks for, and adds a fault for each path to nothing."""
    links: dict[str, Link] = {}
    lists: dict[str, Listed] = {}
    for index, path in enumerate(getattr(request, EXPAND, ())[:MOST_PATHS]):
        is_list = path.startswith(PREFIX)
        found = _listed(path, surface) if is_list else _linked(path, surface)
        if isinstance(found, str):
            code = FaultCode.FAULT_CODE_INVALID_CHOICE
            faults.add(f"expand[{index}]", code, found)
        elif isinstance(found, Listed):
            lists[path] = found
        else:
            links |= {each.path: each for each in found}
    asked = Asked(links=tuple(links.values()), lists=tuple(lists.values()))
    if not request.fields or len(request.fields) > MOST_FIELDS:
        return asked
    kind = surface.kind
    names, parted = read_names(kind, request.fields, surface.own, faults)
    # A record that comes along stands beside its id.
    names |= {each.field for each in asked.links if not each.parent}
    wanted = names, parted
    return replace(asked, names=wanted, reader=reader_of(kind, wanted))


def check_ids(request: Any, faults: Faults) -> None:
    """Refuses what a search by ids does without."""
    given = [item.name for item, _ in request.ListFields()]
    if "ids" not in given:
        return
    others = [name for name in given if name in _NOT_WITH_IDS]
    if others:
        message = f"With ids there is no {' and no '.join(others)}."
        faults.add("ids", FaultCode.FAULT_CODE_INVALID, message)


def _linked(path: str, surface: Surface) -> Sequence[Link] | str:
    """The steps of a path along links, or why there is no such path."""
    steps = path.split(".", MOST_STEPS)
    if len(steps) > MOST_STEPS:
        return f"A path has at most {MOST_STEPS} steps."
    found: list[Link] = []
    kind, parent = surface.kind, ""
    for step in steps:
        item = kind.by_name.get(step + _ID)
        target = None if item is None else surface.kinds.get(item.references)
        if target is None or item is None or item.type is not FieldType.ID:
            return _refusal(kind, step, surface, is_first=not parent)
        here = f"{parent}.{step}" if parent else step
        found.append(Link(here, parent, item.name, target))
        kind, parent = target, here
    return found


def _refusal(kind: RecordType, step: str, surface: Surface, *, is_first: bool) -> str:
    ways = list(_ways(kind, surface.kinds))
    if is_first and any(item.type is FieldType.CUSTOM for item in kind.fields):
        ways.append(f"{PREFIX}TYPE")
    known = f"Give one of {', '.join(ways)}." if ways else "Nothing does."
    return f"{step[:100]!r} leads to no other record. {known}"


def _ways(kind: RecordType, kinds: Kinds) -> Iterator[str]:
    for item in kind.fields:
        if item.references in kinds and item.name.endswith(_ID):
            yield item.name.removesuffix(_ID)


def _listed(path: str, surface: Surface) -> Listed | str:
    """The associated records that a path leads to, or why it leads to none."""
    key, _, way = path.removeprefix(PREFIX).partition(".")
    found = surface.schema.association_type(key)
    if found is None:
        return f"There is no association type {key[:64]!r}."
    if way not in ("", INVERSE):
        return "A path to associated records ends there."
    near, far = found.from_object, found.to_object
    if way:
        near, far = far, near
    if near != surface.slug:
        return other_end(found, surface.slug, far)
    return Listed(path, found, bool(way), records_of(surface.kinds, far))
