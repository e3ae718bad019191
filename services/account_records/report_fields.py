"""What the form of a new report offers: types of records, and their fields."""

from collections.abc import Iterator

from prospectconnect.reporting.v1 import own_dashboards_pb2 as pb
from prospectconnect.schema.v1 import fields_pb2

from services.account_records.running import AGGREGATE, Running
from services.caller import Caller
from services.kinds.objects import kind_named
from services.kinds.own_fields import Schema
from services.kinds.record_type import Field, FieldType, RecordType
from services.kinds.sensitive import fields_of

_TIMES = (FieldType.DATE, FieldType.TIMESTAMP)
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
_OWN_TIMES = (fields_pb2.FIELD_TYPE_DATE, fields_pb2.FIELD_TYPE_TIMESTAMP)
_OWN_NUMBERS = (fields_pb2.FIELD_TYPE_INTEGER, fields_pb2.FIELD_TYPE_DECIMAL)
_GROUPS = (FieldType.ENUM, FieldType.ID, FieldType.BOOLEAN, FieldType.TAGS)
# What people count first, in this order; then the others by name.
_FIRST = ("deals", "contacts", "companies", "activities", "tasks")
_CRM = "prospectconnect.crm."
_LEFT_OUT = ("association", "merge", "pipeline")
# Longer texts are no groups that anybody looks at.
_SHORT = 255


def fields_for(
    running: Running, schema: Schema, caller: Caller, wanted: str
) -> pb.ListOwnReportFieldsResponse:
    """The types that the user may count, and the fields of one of them."""
    tables = sorted(_counted(running, caller), key=_place)
    custom = sorted(schema.custom) if caller.may("record.read") else []
    names = [*tables, *custom]
    told = pb.ListOwnReportFieldsResponse(resources=names)
    if not names:
        return told
    told.resource = wanted if wanted in names else names[0]
    kind = kind_named(running.kinds, told.resource)
    for item in kind.fields:
        if item.policy.filterable and not item.policy.internal:
            _tell(told, item)
    slug = told.resource if kind.object_field else kind.table
    own_fields = fields_of(schema, slug, caller)
    for key, own in own_fields.by_key.items():
        if not own.archived and key not in own_fields.masked:
            _tell_own(told, f"custom_fields.{key}", own.rules.type)
    return told


def _tell(told: pb.ListOwnReportFieldsResponse, item: Field) -> None:
    if item.type in _TIMES:
        told.times.append(item.name)
    elif item.type in _NUMBERS:
        told.numbers.append(item.name)
    elif item.name != "id" and (item.type in _GROUPS or _is_short(item)):
        told.groups.append(item.name)


def _is_short(item: Field) -> bool:
    return item.type is FieldType.STRING and 0 < (item.policy.max_len or 0) <= _SHORT


def _tell_own(told: pb.ListOwnReportFieldsResponse, path: str, of_type: int) -> None:
    if of_type in _OWN_TIMES:
        told.times.append(path)
    elif of_type in _OWN_NUMBERS:
        told.numbers.append(path)
    else:
        told.groups.append(path)


def _counted(running: Running, caller: Caller) -> Iterator[str]:
    for kind in running.kinds.values():
        permission = running.permission_of(kind, AGGREGATE)
        if permission is None or kind.object_field or not _is_crm(kind):
            continue
        if not permission or caller.may(permission):
            yield kind.table


def _is_crm(kind: RecordType) -> bool:
    """Whether people count such records: no jobs, tokens or definitions."""
    full_name = kind.message.DESCRIPTOR.full_name
    return full_name.startswith(_CRM) and kind.resource not in _LEFT_OUT


def _place(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST)), name
