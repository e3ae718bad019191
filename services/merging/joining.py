"""What a survivor has after a merge: its own values, and those that it lacked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.clock import from_timestamp
from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.field_rules import lowered
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import STRUCTS, Field, FieldType, RecordType
from services.records.many.merged import MERGED_IDS

# Fields that come from a record together. Of each group a request names the first.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "stage_id": (
        "pipeline_id",
        "status",
        "stage_changed_at",
        "closed_at",
        "lost_reason",
    ),
    "value": ("currency",),
}
_CHOOSE = "choose a record's"
_FOLLOWING = frozenset(name for group in GROUPS.values() for name in group)


class Joining:
    """Joins records of one kind."""

    def __init__(self, kind: RecordType) -> None:
        names = {field.name for field in kind.fields}
        self._resource = kind.resource
        self._fields = tuple(
            item
            for item in kind.fields
            if not (item.read_only or item.immutable or item.name in _FOLLOWING)
        )
        self._groups = {
            first: tuple(name for name in group if name in names)
            for first, group in GROUPS.items()
            if first in names
        }
        self._latest = tuple(
            item.name
            for item in kind.fields
            if item.type is FieldType.TIMESTAMP and item.policy.set_by_others
        )

    def sources(
        self, values: Struct, records: Mapping[str, Any], own: OwnFields
    ) -> dict[str, Any]:
        """The records from which fields are to come, by the fields' names.

        `records` are all that are merged, by the ids that the request gives. Raises
        `ValidationFailed` for names and ids that are none of these.
        """
        faults = []
        for name, value in sorted(values.fields.items()):  # a map has no order
            if not self._can_choose(name, own):
                message = f"Give fields of the {self._resource} that can be chosen."
                code = FaultCode.FAULT_CODE_INVALID_CHOICE
                faults.append(Fault(f"values.{name[:100]}", code, message))
            elif value.string_value not in records:
                message = "Give the id of one of the records that are merged."
                code = FaultCode.FAULT_CODE_INVALID_CHOICE
                faults.append(Fault(f"values.{name}", code, message))
        if faults:
            raise ValidationFailed(faults)
        return {
            name: records[value.string_value] for name, value in values.fields.items()
        }

    def _can_choose(self, name: str, own: OwnFields) -> bool:
        struct, dot, key = name.partition(".")
        for item in self._fields:
            if item.name == struct and (item.type in STRUCTS) == bool(dot):
                if item.type is not FieldType.CUSTOM:
                    return not dot or bool(key)
                is_computed = any(each.key == key for each in own.formulas)
                return bool(key) and key not in own.masked and not is_computed
        return False

    def join(
        self, survivor: Any, others: Sequence[Any], sources: Mapping[str, Any]
    ) -> Any:
        """The survivor as it is to be; `others` in the order in which they fill it."""
        after = type(survivor)()
        after.CopyFrom(survivor)
        for item in self._fields:
            if item.type in STRUCTS:
                self._join_struct(after, item, (survivor, *others), sources)
            elif item.type is FieldType.TAGS and item.name not in sources:
                _join_texts(getattr(after, item.name), others, item.name)
            else:
                self._take(after, item, (survivor, *others), sources)
        for name in self._latest:
            found = [each for each in (survivor, *others) if each.HasField(name)]
            if found:
                last = max(found, key=lambda each: from_timestamp(getattr(each, name)))
                getattr(after, name).CopyFrom(getattr(last, name))
        for each in others:
            getattr(after, MERGED_IDS).extend((each.id, *getattr(each, MERGED_IDS)))
        return after

    def _take(
        self,
        after: Any,
        item: Field,
        records: Sequence[Any],
        sources: Mapping[str, Any],
    ) -> None:
        source = sources.get(item.name)
        if source is None:
            source = next((e for e in records if _has(e, item)), records[0])
        if source is records[0]:
            return
        for name in (item.name, *self._groups.get(item.name, ())):
            _copy(after, source, name)

    def _join_struct(
        self,
        after: Any,
        item: Field,
        records: Sequence[Any],
        sources: Mapping[str, Any],
    ) -> None:
        named = f"{item.name}."
        fields = getattr(after, item.name).fields
        chosen = {
            name.removeprefix(named): source
            for name, source in sources.items()
            if name.startswith(named)
        }
        for each in records[1:]:
            for key, value in getattr(each, item.name).fields.items():
                if key not in chosen and not _is_set(fields, key):
                    fields[key].CopyFrom(value)
        for key, source in chosen.items():
            found = getattr(source, item.name).fields
            if key in found:
                fields[key].CopyFrom(found[key])
            else:
                fields.pop(key, None)
        if not fields:
            after.ClearField(item.name)


def _is_set(fields: Mapping[str, Value], key: str) -> bool:
    """Whether a key has a value. Null is none."""
    return key in fields and fields[key].WhichOneof("kind") != "null_value"


def _has(record: Any, item: Field) -> bool:
    """Whether a field is set. One with a default always is."""
    if item.nullable:
        return bool(record.HasField(item.name))
    return item.type is not FieldType.TAGS or bool(getattr(record, item.name))


def _copy(after: Any, source: Any, name: str) -> None:
    field = source.DESCRIPTOR.fields_by_name[name]
    after.ClearField(name)
    if field.is_repeated:
        getattr(after, name).extend(getattr(source, name))
    elif field.has_presence and not source.HasField(name):
        return
    elif field.message_type is not None:
        getattr(after, name).CopyFrom(getattr(source, name))
    else:
        setattr(after, name, getattr(source, name))


def _join_texts(texts: Any, others: Iterable[Any], name: str) -> None:
    """Adds the texts of others; of those that differ only in case the first stays."""
    known = {lowered(each) for each in texts}
    for record in others:
        for each in getattr(record, name):
            if lowered(each) not in known:
                known.add(lowered(each))
                texts.append(each)


def check_tags(
    after: Any, fields: Iterable[Field], at: str = "values.", do: str = _CHOOSE
) -> list[Fault]:
    """The faults of joined tags that are too many, and what to do about it.

    `at` is what their paths begin with.
    """
    return [
        Fault(
            f"{at}{item.name}",
            FaultCode.FAULT_CODE_TOO_MANY,
            f"Together they have more than {item.policy.max_items}; {do}.",
        )
        for item in fields
        if item.type is FieldType.TAGS
        and item.policy.max_items
        and len(getattr(after, item.name)) > item.policy.max_items
    ]


def without_computed(before: Any, after: Any, own: OwnFields) -> None:
    """Takes back what formulas gave other records: it is computed anew."""
    was, fields = before.custom_fields.fields, after.custom_fields.fields
    for each in own.formulas:
        if each.key in was:
            fields[each.key].CopyFrom(was[each.key])
        else:
            fields.pop(each.key, None)


def without_self(
    before: Any, after: Any, own: OwnFields, merged: Iterable[str]
) -> None:
    """Clears fields of the tenant's own by which the survivor would lead to itself."""
    fields, itself = after.custom_fields.fields, {before.id, *merged}
    for each in own.references:
        value = fields.get(each.key)
        if value is not None and value.string_value in itself:
            kept = before.custom_fields.fields.get(each.key)
            if value.string_value != before.id or kept != value:
                del fields[each.key]
