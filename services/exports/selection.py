"""What one part of an export selects: the statement for it, and how rows are told.

It is what a search of the same caller would find, with the same filters, fields and
expansions, without its pages.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.jobs.v1 import exports_pb2 as pb
from prospectconnect.options.v1 import options_pb2
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Filter, SortDirection

from services.answers.asked import MOST_PATHS, Asked, Asking
from services.caller import Call, Caller
from services.errors import ValidationFailed
from services.exports.resources import AT, Resources
from services.faults import Fault, Faults, TooManyFaults
from services.gates.found_records import lead_on
from services.kinds.objects import kind_named
from services.kinds.own_fields import NO_FIELDS, OwnField, OwnFields, Schema
from services.kinds.record_type import FieldType, Kinds, RecordType
from services.kinds.sensitive import fields_of
from services.postgres.database import Database
from services.postgres.sql_parts import Parameters
from services.records.rows import page_of
from services.search.associated import Associations
from services.search.filters import FilterCompiler

_ID, NAME, CUSTOM_FIELDS = "_id", "name", "custom_fields"
# Whose names people know.
_NAMED = frozenset(("user", "company", "contact", "deal", "pipeline"))


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of one type that an export holds.

    `call` has the conditions as a search's call has them. `own` are the tenant's
    fields, as answers to the caller have them. `names`: names stand beside ids, those
    of tenant's fields too, which are `own_links`.
    """

    name: str
    kind: RecordType
    call: Call
    own: OwnFields
    request: Any
    names: bool = False
    own_links: tuple[OwnField, ...] = ()

    @property
    def page(self) -> type[Message]:
        """The message of a page of these records."""
        return GetMessageClass(page_of(self.kind))


def search_of(kind: RecordType) -> type[Message]:
    """The request of the search of a kind."""
    message: Any = kind.message.DESCRIPTOR
    service = message.file.services_by_name[f"{message.name}Service"]
    for method in service.methods:
        policy = method.GetOptions().Extensions[options_pb2.method]
        if policy.standard == options_pb2.STANDARD_METHOD_SEARCH:
            return GetMessageClass(method.input_type)
    raise ValueError(f"{kind.resource} has no search")


def named_links(kind: RecordType, fields: Sequence[str]) -> list[str]:
    """The paths of the links whose records have names that people know them by.

    With `fields` those among them.
    """
    found = [
        item.name.removesuffix(_ID)
        for item in kind.fields
        if item.references in _NAMED and item.type is FieldType.ID
        if item.name.endswith(_ID) and (not fields or item.name in fields)
    ]
    return found[:MOST_PATHS]


def own_links(
    kinds: Kinds, own: OwnFields, asked: Asked | None
) -> tuple[OwnField, ...]:
    """The tenant's fields that lead to records with names, as far as asked for."""
    keys: Collection[str] = own.by_key
    if asked is not None and asked.names is not None:
        whole, parted = asked.names
        if CUSTOM_FIELDS not in whole:
            keys = dict(parted).get(CUSTOM_FIELDS, ())
    return tuple(
        each
        for key, each in sorted(own.by_key.items())
        if key in keys and each.refers_to and not each.archived
        if NAME in kind_named(kinds, each.refers_to).by_name
    )


class Selections:
    """Compiles what exports select."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def read(
        self,
        database: Database,
        caller: Caller,
        schema: Schema,
        export: pb.Export,
        name: str,
    ) -> Selection:
        """What an export selects of one type. Raises `ValidationFailed`."""
        call = self._call(caller, schema, name)
        if export.filters and caller.has_merges:
            kinds = self._resources.kinds
            await lead_on(database, kinds, export.filters, call, of_merges=False)
        faults = Faults()
        found = self._compiled(call, schema, export, name, faults)
        if faults.found:
            raise ValidationFailed(faults.found)
        return found

    def outline(
        self, caller: Caller, schema: Schema, export: pb.Export, name: str
    ) -> Selection:
        """As `read`, of an export that was checked, for what it leads to alone."""
        call = self._call(caller, schema, name)
        bare = pb.Export(fields=export.fields, expand=export.expand, names=export.names)
        return self._compiled(call, schema, bare, name, Faults())

    def faults(
        self, caller: Caller, schema: Schema, export: pb.Export, name: str
    ) -> list[Fault]:
        """All that is wrong with what an export selects of one type."""
        faults = Faults()
        with suppress(TooManyFaults):
            call = self._call(caller, schema, name)
            self._compiled(call, schema, export, name, faults)
        return faults.found

    def _call(self, caller: Caller, schema: Schema, name: str) -> Call:
        kind = self._resources.kind_of(name)
        call = Call(caller, schema=schema)
        call.parameters = Parameters(business_id=caller.business_id)
        if kind.object_field:
            call.object = name
            call.parameters.object = call.parameters.place(name, "text")
        return call

    def _compiled(
        self, call: Call, schema: Schema, export: pb.Export, name: str, faults: Faults
    ) -> Selection:
        kind = self._resources.kind_of(name)
        own = fields_of(schema, name, call.caller)
        request: Any = search_of(kind)(sort_direction=SortDirection.SORT_DIRECTION_ASC)
        request.fields.extend(export.fields)
        if "expand" in request.DESCRIPTOR.fields_by_name:
            request.expand.extend(export.expand)
            if export.names:
                request.expand.extend(named_links(kind, export.fields))
        elif export.expand:
            code, message = FaultCode.FAULT_CODE_INVALID_CHOICE, "Leave it out."
            faults.add(f"{AT}.expand", code, f"{name} lead to no records. {message}")
        asking = Asking(kind, self._resources.kinds, type(request))
        if asking.is_used(request):
            inner = Faults()
            call.asked = asking.read(request, name, schema, own, inner)
            for each in inner.found:
                faults.add(f"{AT}.{each.field}", each.code, each.message)
        self._filter(call, kind, export.filters, faults)
        links: tuple[OwnField, ...] = ()
        if export.names:
            links = own_links(self._resources.kinds, own, call.asked)
        return Selection(name, kind, call, own, request, export.names, links)

    def _filter(
        self, call: Call, kind: RecordType, filters: Sequence[Filter], faults: Faults
    ) -> None:
        caller, name, schema = call.caller, call.object or kind.table, call.schema
        own, associations = NO_FIELDS, None
        if any(each.type is FieldType.CUSTOM for each in kind.fields):
            own = fields_of(schema, name, caller, searching=True)
            associations = Associations(name, self._resources.kinds, caller, schema)
        compiler = FilterCompiler(kind, faults, call.parameters, own, associations)
        if call.survivors:
            compiler.lead_on(call.survivors, {})
        call.conditions = compiler.all(filters, f"{AT}.filters")
