"""Tells changes as public JSON has them, for one caller."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb

from services.changes.meanings import MERGED, type_of
from services.clock import to_timestamp
from services.history.told import Tell, teller
from services.kinds.custom_fields import fill
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import Field, FieldType, RecordType
from services.kinds.sensitive import MASKED
from services.postgres.database import Row
from services.records.log.changes import CREATED, DELETED, ERASED, KEYED
from services.records.own_values import CUSTOM_FIELDS
from services.records.reading.states import State
from services.records.visibility import open_before

# Each change has these itself, but in the state they stand.
_UNTOLD = ("id", "created_at", "updated_at", "created_by")
_UNSET: tuple[Any, ...] = (None, "", [], {})
_LISTS = (
    FieldType.TAGS,
    FieldType.IDS,
    FieldType.NUMBERS,
    FieldType.NESTED,
    FieldType.FILTERS,
)
_STRUCTS = (*KEYED, FieldType.METADATA)
_ID_BYTES = 12


def change_id(business_id: str, row: Row) -> str:
    """The id of a change: always the same."""
    named = f"{business_id} {row['record_id']} {row['version']} {row['at']}"
    return f"chg_{blake2b(named.encode(), digest_size=_ID_BYTES).hexdigest()}"


class Teller:
    """Tells the changes of records of one kind."""

    def __init__(self, kind: RecordType) -> None:
        self.kind = kind
        fields = [f for f in kind.fields if not f.policy.internal]
        self._tellers: dict[str, Tell] = {f.name: teller(f) for f in fields}
        self._fields = fields
        self._untold = (*_UNTOLD, kind.object_field)
        self._keyed = frozenset(f.name for f in fields if f.type in KEYED)

    def tell(
        self, business_id: str, row: Row, into: str | None, merged: bool
    ) -> pb.Change:
        """A change without its values; `into` is what the record was merged into."""
        change_type = type_of(self.kind, row, merged)
        return pb.Change(
            id=change_id(business_id, row),
            type=change_type,
            at=to_timestamp(row["at"]),
            record=pb.ChangedRecord(
                resource=row["object"], id=row["record_id"], version=str(row["version"])
            ),
            actor=pb.ChangeActor(
                user_id=row["user_id"] or None,
                client_id=row["client_id"] or None,
                token_id=row["token_id"] or None,
            ),
            trace_id=row["trace_id"] or None,
            into=into if change_type.endswith(MERGED) else None,
        )

    def tell_changed(self, change: pb.Change, row: Row, own: OwnFields) -> None:
        """Tells the values that changed."""
        change.changed.SetInParent()
        if row["operation"] in (DELETED, ERASED):
            return
        was, now = open_before(self.kind, row["was"] or {}), row["now"] or {}
        if row["operation"] == CREATED:
            now = self._flat(row["image"] or {})
        told: State = {}
        for field, value in now.items():
            name, _, key = field.partition(".")
            if name not in self._tellers or name in self._untold:
                continue
            if was.get(field) == value or _is_kept_back(name, key, own):
                continue
            tell = None if key else self._tellers[name]
            before = was.get(field)
            told[field] = {"from": _told(tell, before), "to": _told(tell, value)}
        fill(change.changed, told)

    def tell_state(self, change: pb.Change, state: State, own: OwnFields) -> None:
        """Tells the record after the change."""
        told = {}
        for field in self._fields:
            value = state.get(field.name)
            if field.name == CUSTOM_FIELDS:
                value = _seen(value or {}, own)
            if value in _UNSET:
                if field.policy.omit_unset:
                    continue
                value = _unset(field)
            told[field.name] = _told(self._tellers[field.name], value)
        if own.masked and CUSTOM_FIELDS in self._tellers:
            told[MASKED] = [f"{CUSTOM_FIELDS}.{key}" for key in sorted(own.masked)]
        fill(change.state.struct_value, told)

    def _flat(self, image: Mapping[str, Any]) -> State:
        """What a creation set, each key of a struct by itself."""
        told = {name: value for name, value in image.items() if value not in _UNSET}
        for name in self._keyed.intersection(told):
            keys = told.pop(name).items()
            told |= {f"{name}.{key}": value for key, value in keys}
        return told


def _is_kept_back(name: str, key: str, own: OwnFields) -> bool:
    return name == CUSTOM_FIELDS and (key in own.hidden or key in own.masked)


def _seen(values: State, own: OwnFields) -> State:
    """Custom fields as a caller has them."""
    seen = {key: value for key, value in values.items() if key not in own.hidden}
    return seen | dict.fromkeys(own.masked)


def _unset(field: Field) -> Any:
    if field.type in _LISTS:
        return []
    is_free = field.type is FieldType.METADATA and field.nullable
    return {} if field.type in _STRUCTS and not is_free else None


def _told(tell: Tell | None, value: Any) -> Any:
    return value if tell is None or value is None else tell(value)
