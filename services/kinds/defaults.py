"""Sets the defaults of a record, and null for empty texts."""

from typing import Any

from services.clock import now, to_timestamp
from services.kinds.external_ids import drop_nulls
from services.kinds.record_type import NOW, FieldType, RecordType


class Defaults:
    """The defaults of one kind of record, grouped at start by how they are set."""

    def __init__(self, kind: RecordType) -> None:
        writable = [item for item in kind.fields if not item.read_only]
        plain = [item for item in writable if item.type is not FieldType.TIMESTAMP]
        self._of_caller = [f.name for f in kind.fields if f.policy.default_caller]
        self._structs = [
            item.name
            for item in plain
            if item.type in (FieldType.CUSTOM, FieldType.METADATA)
        ]
        self._external = [f.name for f in plain if f.type is FieldType.EXTERNAL]
        self._values = [(f.name, f.default) for f in plain if f.default is not None]
        self._texts = [
            f.name for f in plain if f.is_nullable_text and f.default is None
        ]
        self._times = [
            (item.name, item.default == NOW)
            for item in writable
            if item.type is FieldType.TIMESTAMP
        ]

    def begin(self, record: Any, user_id: str) -> None:
        """Sets the defaults that only a new record has. `created_at` is set already."""
        for name in self._of_caller:
            if not record.HasField(name):
                setattr(record, name, user_id)
        for name, is_now in self._times:
            if is_now and not record.HasField(name):
                getattr(record, name).CopyFrom(record.created_at)

    def complete(self, record: Any) -> None:
        """Sets defaults and clears empty texts in a new or changed record."""
        for name in self._structs:
            getattr(record, name).SetInParent()
        for name in self._external:
            if record.HasField(name):
                ids = getattr(record, name)
                drop_nulls(ids)
                if not ids.fields:
                    record.ClearField(name)
        for name, value in self._values:
            if not getattr(record, name):
                setattr(record, name, value)
        for name in self._texts:
            if record.HasField(name) and not getattr(record, name):
                record.ClearField(name)
        for name, is_now in self._times:
            _settle(record, name, is_now)


def _settle(record: Any, name: str, is_now: bool) -> None:
    """Cuts a time to microseconds; sets the current time if it is the default."""
    stamp = getattr(record, name)
    if record.HasField(name):
        stamp.nanos -= stamp.nanos % 1_000
    elif is_now:
        stamp.CopyFrom(to_timestamp(now()))
