"""Prepares a kind of record for the engine: codec, defaults, checks and SQL.

The engine has no state. All that it needs to know of a kind is computed here at start.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic

from services.caller import Caller
from services.clock import from_timestamp, now, to_timestamp
from services.errors import ValidationFailed
from services.faults import Faults, TooManyFaults
from services.ids import new_id
from services.kinds.defaults import Defaults
from services.kinds.field_rules import struct_rule
from services.kinds.nested.messages import Rule
from services.kinds.own_fields import NO_FIELDS, OwnFields
from services.kinds.record_type import (
    STRUCTS,
    Field,
    FieldType,
    Kinds,
    RecordType,
)
from services.kinds.rules import check_any, check_required
from services.past.fields import Past
from services.past.moments import recall
from services.records import timeline
from services.records.behaviour import Behaviour, M
from services.records.commands import Around
from services.records.links import Clearing, clearing_of
from services.records.log.changes import Change, Changes, is_told
from services.records.own_checks import check_new
from services.records.references import referring_fields
from services.records.rows import RowCodec
from services.records.timeline import Event
from services.records.values.newest import Newest
from services.records.values.unique_values import UniqueValues
from services.records.visibility import refuse_others


@dataclass(frozen=True, slots=True)
class CompiledKind(Generic[M]):
    """A kind of record with everything that the engine needs to know of it.

    `kinds` holds all kinds by resource. `references` are the writable references, in
    the order in which the records behind them are locked. `structs` are the fields that
    updates merge key by key, with their rules. `clearing` are the statements that clear
    the references to a deleted record. `unique` are the values that at most one record
    may have. `changes` describes changes for the log, None if they are not kept.
    """

    kind: RecordType
    kinds: Kinds
    behaviour: Behaviour[M]
    codec: RowCodec
    defaults: Defaults
    read_only: tuple[str, ...]
    references: tuple[Field, ...]
    structs: tuple[tuple[str, Rule], ...]
    clearing: tuple[Clearing, ...]
    unique: UniqueValues
    get_sql: str
    get_many_sql: str
    has_custom_fields: bool
    changes: Changes | None

    def draft(
        self,
        caller: Caller,
        given: M,
        own: OwnFields = NO_FIELDS,
        *,
        is_checked: bool = False,
    ) -> M:
        """Returns a new record: given fields, defaults, and the server's fields.

        Raises `ValidationFailed` for custom fields that the tenant's own definitions
        refuse. `is_checked`: what is given was checked by these definitions.
        """
        record: Any = self.kind.message()
        record.CopyFrom(given)
        for name in self.read_only:
            record.ClearField(name)
        record.id = new_id(self.kind.policy.id_prefix)
        if self.kind.object_field:
            setattr(record, self.kind.object_field, own.object)
        record.created_at.CopyFrom(to_timestamp(now()))
        record.updated_at.CopyFrom(record.created_at)
        record.created_by = caller.user_id
        record.etag = "1"
        self.behaviour.begin(record)
        self.defaults.begin(record, caller.user_id)
        self.complete(record)
        refuse_others(self.kind, caller, record)
        self._check_by_kind(record)
        if own.checks:
            check_new(record, own, self.kind.resource, is_checked=is_checked)
        return record  # type: ignore[no-any-return]  # a message of the kind

    def recall(self, record: M, past: Past) -> None:
        """Sets the moments of a new record that was made elsewhere.

        Raises `ValidationFailed`.
        """
        moments = self.behaviour.past(record, past)
        recall(record, moments, past, self.kind.resource)

    def complete(self, record: M, before: M | None = None) -> None:
        """Sets defaults, clears empty texts, and sets the derived fields.

        `before` is what an update changes.
        """
        self.defaults.complete(record)
        self.behaviour.derive(record)
        if before is not None:
            self.behaviour.changed(before, record)

    def check_whole(
        self,
        record: M,
        before: M | None = None,
        own: OwnFields = NO_FIELDS,
        required: tuple[str, ...] = (),
    ) -> None:
        """Checks the rules that hold for a whole record after a change.

        Fields that the tenant has defined are checked already. `required` are fields
        that must be set and that nothing has checked yet.
        """
        faults = Faults()
        if own.checks:
            kept = record.custom_fields.fields  # type: ignore[attr-defined]  # by its kind
            faults = Faults(own=own, kept=kept)
        path, policy = self.kind.resource, self.kind.policy
        check_required(record, path, required, faults)
        check_any(record, path, tuple(policy.require_any), faults)
        with suppress(TooManyFaults):
            for name, rule in self.structs:
                value = getattr(record, name)
                if before is None or value != getattr(before, name):
                    rule(record, value, f"{path}.{name}", faults)
        if faults.found:
            raise ValidationFailed(faults.found)
        self._check_by_kind(record)

    def _check_by_kind(self, record: M) -> None:
        faults = self.behaviour.check(record)
        if faults:
            raise ValidationFailed(faults)

    def events(self, before: M | None, after: M) -> list[Event]:
        """Returns the timeline events of a change, none without a timeline."""
        events = self.behaviour.events(before, after)
        if before is None:
            events = [*events, *timeline.created(self.kind)]
        else:
            events = [*events, *timeline.changed(self.kind, before, after)]
        if events and not timeline.links_of(self.kind, after):
            return []
        return events

    def newest(self, record: Any) -> Newest | None:
        """What a new record makes newer of the record that it refers to."""
        newest = self.behaviour.newest
        if newest is None or not getattr(record, newest.link):
            return None
        return newest

    def around_creation(self, caller: Caller, record: M) -> Around | None:
        """The statements around the insertion of a new record."""
        if self.behaviour.newest is not None:
            return None
        return self.behaviour.around(caller, None, record)

    def creation(self, record: Any, values: Sequence[Any]) -> Change | None:
        """The row of the log for a new record; `values` are those of its columns."""
        if self.changes is None:
            return None
        return self.changes.created(values, from_timestamp(record.updated_at))

    def differences(
        self, before: M, after: M
    ) -> tuple[dict[tuple[str, str], Any], Change | None]:
        """The columns that differ between two states, with the new values.

        With them, the row of the log.
        """
        old, new = self.codec.values(before), self.codec.values(after)
        both = zip(self.kind.columns, old, new, strict=True)
        found = [each for each in both if each[1] != each[2]]
        columns = {column: value for column, _, value in found}
        if self.changes is None:
            return columns, None
        state: Any = after
        version, moment = int(state.etag), from_timestamp(state.updated_at)
        return columns, self.changes.updated(found, new, version, moment)


def _internal(kind: RecordType) -> tuple[str, ...]:
    """The fields that exist in answers but not in the database."""
    stored = {item.name for item in kind.fields} | {"etag"}
    names = (field.name for field in kind.message.DESCRIPTOR.fields)
    return tuple(name for name in names if name not in stored)


def _get_sql(kind: RecordType, codec: RowCodec, is_it: str = "= $2") -> str:
    """Values: business, id, and the custom object if the kind has several."""
    its = f" AND r.{kind.object_field} = $3" if kind.object_field else ""
    return (
        f"SELECT {codec.columns} FROM {kind.table} AS r"
        f" WHERE r.business_id = $1 AND r.id {is_it} AND r.deleted_at IS NULL{its}"
    )


def compile_kind(
    kind: RecordType, kinds: Kinds, behaviour: Behaviour[M] | None = None
) -> CompiledKind[M]:
    """Prepares a kind for the engine. Called once for each kind, at start."""
    codec = RowCodec(kind)
    writable = [item for item in kind.fields if not item.read_only]
    structs = (
        (item.name, struct_rule(item.policy))
        for item in writable
        if item.type in STRUCTS
    )
    return CompiledKind(
        kind=kind,
        kinds=kinds,
        behaviour=behaviour or Behaviour(),
        codec=codec,
        defaults=Defaults(kind),
        read_only=(*(f.name for f in kind.fields if f.read_only), *_internal(kind)),
        references=tuple(referring_fields(writable, kinds)),
        structs=tuple((name, rule) for name, rule in structs if rule is not None),
        clearing=tuple(clearing_of(kinds.values(), kind.resource)),
        unique=UniqueValues(kind, kinds),
        get_sql=_get_sql(kind, codec),
        get_many_sql=_get_sql(kind, codec, "= ANY($2::text[])"),
        has_custom_fields=any(item.type is FieldType.CUSTOM for item in writable),
        changes=Changes(kind) if is_told(kind) else None,
    )
