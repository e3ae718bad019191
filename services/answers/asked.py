"""What a request asks of its answer: some fields, and records that come along.

A path of `expand` has a link at each step, or one step to associated records. What the
caller may not read is no fault: the answer has null there.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.answers.parts import Names, read_names, reader_of
from services.faults import Faults
from services.kinds.association_types import AssociationType
from services.kinds.objects import ObjectRecords, records_of
from services.kinds.own_fields import NO_FIELDS, OwnFields, Schema
from services.kinds.record_type import FieldType, Kinds, RecordType
from services.records.rows import RowReader
from services.search.associated import INVERSE, PREFIX, other_end

MOST_FIELDS, MOST_PATHS, MOST_STEPS, MOST_IDS = 200, 5, 2, 100

# The field of requests that names what comes along. Some records lead to no other.
EXPAND, IDS = "expand", "ids"
# The field of answers that holds it.
EXPANDED = "expanded"

_MOST_KNOWN = 512

_CUSTOM_FIELDS = "custom_fields"
_WHOSE, _ID = "id", "_id"

# What a request with `ids` does without. A `limit` says nothing there, so that programs
# which always send one need not leave it out.
_NOT_WITH_IDS = (
    "filters",
    "search_text",
    "order_by",
    "sort_direction",
    "cursor",
    "deleted",
)


@dataclass(frozen=True, slots=True)
class Link:
    """A step to the records whose ids a field holds.

    `parent` is the path before it. `further` are the fields of the records that hold
    the ids of the next step.
    """

    path: str
    parent: str
    field: str
    kind: RecordType
    further: tuple[str, ...] = ()


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

    @property
    def stands_alone(self) -> bool:
        """Whether no records come along."""
        return not (self.links or self.lists)

    @property
    def stays_packed(self) -> bool:
        """Whether nobody looks into the records of a page, unless to mask them."""
        return self.reader is not None or not self.stands_alone

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The fields of records that tell what comes along with them."""
        fields = (each.field for each in self.links if not each.parent)
        return (_WHOSE, *dict.fromkeys(fields))

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


class Asking:
    """Reads what the requests of one method ask for.

    What means the same for every tenant is remembered: what names no association type,
    and no key that a tenant may have defined.
    """

    def __init__(self, kind: RecordType, kinds: Kinds, request: type[Message]) -> None:
        names = request.DESCRIPTOR.fields_by_name
        self.kind, self._kinds = kind, kinds
        self.has_ids, self._expands = IDS in names, EXPAND in names
        known = kind.message.DESCRIPTOR.fields_by_name
        if self._expands and EXPANDED not in known:
            raise ValueError(f"{kind.resource} has no field {EXPANDED}")
        self._known: OrderedDict[tuple[str, ...], Asked] = OrderedDict()

    def is_used(self, request: Any) -> bool:
        """Whether a request asks for anything but whole records."""
        return bool(
            request.fields
            or (self._expands and request.expand)
            or (self.has_ids and (request.ids or request.by_ids))
        )

    def read(
        self, request: Any, slug: str, schema: Schema, own: OwnFields, faults: Faults
    ) -> Asked:
        """Reads a request, and adds a fault for each path to nothing."""
        paths = (*request.fields, "", *(request.expand if self._expands else ()))
        known = self._known.get(paths)
        if known is not None and (
            known.names is None or not known.names[1] or own is NO_FIELDS
        ):
            return known
        before = len(faults.codes)
        surface = Surface(self.kind, self._kinds, slug, schema, own)
        asked = _read(request, surface, faults)
        is_usual = own is NO_FIELDS or not any("." in each for each in request.fields)
        if is_usual and not asked.lists and len(faults.codes) == before:
            self._known[paths] = asked
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return asked


def _read(request: Any, surface: Surface, faults: Faults) -> Asked:
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
    asked = Asked(links=tuple(_with_further(links)), lists=tuple(lists.values()))
    if not request.fields or len(request.fields) > MOST_FIELDS:
        return asked
    kind = surface.kind
    names, parted = read_names(kind, request.fields, surface.own, faults)
    # A record that comes along stands beside its id.
    names |= {each.field for each in asked.links if not each.parent}
    wanted = names, parted
    return replace(asked, names=wanted, reader=reader_of(kind, wanted))


def _with_further(links: Mapping[str, Link]) -> Iterator[Link]:
    for path, link in links.items():
        further = (each.field for each in links.values() if each.parent == path)
        yield replace(link, further=tuple(further))


def check_ids(request: Any, faults: Faults) -> None:
    """Refuses what a search by ids does without."""
    given = [item.name for item, _ in request.ListFields()]
    others = [name for name in given if name in _NOT_WITH_IDS]
    if others:
        message = f"Leave out {' and '.join(others)}, or search without ids."
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
