"""A record as it was: the record of today or an image, with later changes undone."""

from collections.abc import Sequence
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.clock import DAY, from_timestamp, now, rfc3339
from services.errors import NotFound, ValidationFailed
from services.faults import Fault
from services.history.sight import Seen, Sight
from services.postgres.database import Row
from services.records import own_checks
from services.records.engine import Records
from services.records.log.changes import DELETED, IMAGE_EVERY
from services.records.reading.states import State, States

# The changes from a moment on, so many that one of them has an image if others follow.
_FOLLOWING = f"""
SELECT at, version, was, image FROM changes
WHERE business_id = $1 AND record_id = $2 AND at >= $3 AND at <= $4
ORDER BY at LIMIT {IMAGE_EVERY + 1}
"""


class Past:
    """The past states of records of one kind. `keep_days` of changes are kept."""

    def __init__(self, records: Records[Any], keep_days: int) -> None:
        self._records, self._sight = records, Sight(records)
        self._keep = keep_days * DAY
        self._states = States(records.compiled)

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
            # Of a record that was made elsewhere the first state is the imported one.
            first = max(following[0]["version"] - 1, 1) if following else 0
            version = first or int(today.etag)
        record = self._states.record(state, business_id, at, version)
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
            undone, state = following, self._states.of(seen.record)
        else:
            undone, state = following[: nearest + 1], following[nearest]["image"]
        for row in reversed(undone):
            if row["at"] != at and row["was"] is not None:
                self._states.undo(state, row["was"])
        return state
