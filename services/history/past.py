"""A record as it was: the record of today or an image, with later changes undone."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.clock import DAY, from_timestamp, now, rfc3339
from services.errors import NotFound, ValidationFailed
from services.faults import Fault
from services.history.sight import Seen, Sight
from services.kinds.formats import day
from services.kinds.record_type import FieldType
from services.postgres.database import Row
from services.records import own_checks
from services.records.engine import Records
from services.records.log.changes import DELETED, IMAGE_EVERY, KEYED, OWN_TIME

# The changes from a moment on, so many that one of them has an image if others follow.
_FOLLOWING = f"""
SELECT at, version, was, image FROM changes
WHERE business_id = $1 AND record_id = $2 AND at >= $3 AND at <= $4
ORDER BY at LIMIT {IMAGE_EVERY + 1}
"""

State = dict[str, Any]


class Past:
    """The past states of records of one kind. `keep_days` of changes are kept."""

    def __init__(self, records: Records[Any], keep_days: int) -> None:
        self._records, self._sight = records, Sight(records)
        self._keep = keep_days * DAY
        fields = records.kind.fields
        self._readers = {f.name: _READERS[f.type] for f in fields if f.type in _READERS}
        keyed = (f for f in fields if f.type in KEYED)
        self._empty: State = {f.name: None if f.nullable else {} for f in keyed}

    async def as_of(self, call: Call, request: Any) -> Any:
        """Returns the record as it was at the moment of the request.

        Raises `NotFound` if there was none that the caller may see, and
        `ValidationFailed` if what was then is no longer kept.
        """
        if not request.HasField("at"):
            code = FaultCode.FAULT_CODE_REQUIRED
            raise ValidationFailed([Fault("at", code, "Give at; it is required.")])
        moment, business_id = from_timestamp(request.at), call.caller.business_id
        seen = await self._sight.before(call, request.id, moment)
        at, version, operation, _, since = seen.further
        today = seen.record
        if moment < from_timestamp(today.created_at):
            raise NotFound
        if operation == DELETED and not seen.may_see_deleted:
            raise NotFound
        last = from_timestamp(today.updated_at)
        if at is None and moment < last:
            self._check_kept(moment, since)
        begin = moment if at is None else at
        following = await self._records.database.rows(
            _FOLLOWING, business_id, today.id, begin, last
        )
        state = self._state(seen, following, at)
        if at is None:
            at = from_timestamp(today.created_at) if following else last
            version = following[0]["version"] - 1 if following else int(today.etag)
        state[OWN_TIME] = at
        names = (item.name for item in self._records.kind.fields)
        values = (business_id, *(state.get(name) for name in names), version)
        record = self._records.codec.read(values, business_id)  # type: ignore[arg-type]  # as a row
        own = await self._records.own_of(call)
        own_checks.hide(own, (record,))
        return record

    def _check_kept(self, moment: int, since: int) -> None:
        """Refuses a moment after which changes may have been forgotten."""
        kept = max(since, now() - self._keep)
        if moment < kept:
            code = FaultCode.FAULT_CODE_TOO_SMALL
            message = f"Its changes are kept since {rfc3339(kept)}; give a later time."
            raise ValidationFailed([Fault("at", code, message)])

    def _state(self, seen: Seen, following: Sequence[Row], at: int | None) -> State:
        """The values at a moment; `at` is the last change until then, None for none."""
        images = (place for place, row in enumerate(following) if row["image"])
        nearest = next(images, None)
        if nearest is None:
            undone, state = following, self._row_of(seen)
        else:
            undone = following[: nearest + 1]
            state = self._read(following[nearest]["image"])
        for row in reversed(undone):
            if row["at"] != at:
                self._undo(state, row["was"])
        return state

    def _row_of(self, seen: Seen) -> State:
        fields = self._records.kind.fields
        return {f.name: seen.row[place] for place, f in enumerate(fields, start=1)}

    def _read(self, values: Mapping[str, Any]) -> State:
        """Values of the log as the columns have them."""
        read = self._readers
        return {
            name: read[name](value) if name in read and value is not None else value
            for name, value in values.items()
        }

    def _undo(self, state: State, was: Mapping[str, Any]) -> None:
        for name, value in self._read(was).items():
            struct, dot, key = name.partition(".")
            if not dot or struct not in self._empty:
                state[name] = value
                continue
            keys = {**(state.get(struct) or {}), key: value}
            if value is None:
                del keys[key]
            state[struct] = keys or self._empty[struct]


_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.DATE: day,
    FieldType.DECIMAL: Decimal,
}
