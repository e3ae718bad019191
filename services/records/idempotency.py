"""Idempotency keys: a repeated call gets the first answer and does nothing.

The command's statement inserts the record and a row for the key, so that a crash leaves
both or neither. A second call with the key waits in that insert until the first call
has committed. Then it violates the primary key, and gets the answer that the first call
has stored.
"""

import asyncio
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import asyncpg
from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from services.caller import Call
from services.clock import DAY, now
from services.errors import IdempotencyKeyBusy, IdempotencyKeyReused
from services.kinds.record_type import ANSWERED_FIELDS
from services.postgres.database import Database
from services.records.erasing.tombstones import gone_of

KEEP = 30 * DAY
PRIMARY_KEY = "idempotency_keys_pkey"

# The errors of an insert whose key exists. Citus raises an internal error and names the
# constraint only in the message, followed by the number of a shard.
FAILED_WRITES = (asyncpg.UniqueViolationError, asyncpg.InternalServerError)

# A wait ends so long before the caller's deadline, so that the answer still arrives.
_MARGIN_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 30.0

_READ = """
SELECT fingerprint, outcome, created_at, erased_id FROM idempotency_keys
WHERE business_id = $1 AND user_id = $2 AND client_id = $3 AND key = $4
"""
_FORGET = """
DELETE FROM idempotency_keys
WHERE business_id = $1 AND user_id = $2 AND client_id = $3 AND key = $4
  AND created_at <= $5
"""
_SWEEP = "DELETE FROM idempotency_keys WHERE business_id = $1 AND created_at <= $2"


def fingerprint(method: str, request: Message) -> bytes:
    """Returns a hash of a request's method and values."""
    digest = blake2b(method.encode(), digest_size=16)
    digest.update(_in_order(request).SerializeToString(deterministic=True))
    return digest.digest()


def _in_order(request: Any) -> Message:
    """Returns a request with only what its path and its body say.

    The precondition (`etag`) is removed, because it is a header. The mask is sorted,
    because its order is the order of the body's keys.
    """
    names = request.DESCRIPTOR.fields_by_name
    if "operations" in names:
        return _batch_in_order(request)
    if "update_mask" not in names and "etag" not in names:
        return request  # type: ignore[no-any-return]  # of any method
    ordered: Any = type(request)()
    ordered.CopyFrom(request)
    if "etag" in names:
        ordered.ClearField("etag")
    if "update_mask" in names:
        ordered.update_mask.paths.sort()
    return ordered  # type: ignore[no-any-return]  # of any method


def _batch_in_order(request: Any) -> Message:
    """Returns a batch whose operations do not tell the order of their bodies' keys."""
    ordered: Any = type(request)()
    ordered.CopyFrom(request)
    for operation in ordered.operations:
        packed = operation.request
        with suppress(KeyError, DecodeError):
            name = packed.type_url.rpartition("/")[2]
            found = descriptor_pool.Default().FindMessageTypeByName(name)
            message: Any = GetMessageClass(found).FromString(packed.value)
            if "update_mask" in found.fields_by_name:
                message.update_mask.paths.sort()
            packed.value = message.SerializeToString(deterministic=True)
    return ordered  # type: ignore[no-any-return]  # a batch


def key_values(call: Call, outcome: Message) -> list[Any]:
    """Returns the values of a key's row, in the order of the parameters."""
    caller = call.caller
    return [
        caller.user_id,
        caller.client_id,
        call.key,
        call.fingerprint,
        outcome.SerializeToString(deterministic=True),
        now(),
        str(int(_wait_seconds(call) * 1000)),
    ]


def is_taken(error: Exception) -> bool:
    """Whether a statement failed because its idempotency key exists already."""
    return violates(error, PRIMARY_KEY)


def violates(error: Exception, primary_key: str) -> bool:
    """Whether a statement failed because a row with its primary key exists already."""
    if not isinstance(error, FAILED_WRITES):
        return False
    return error.constraint_name == primary_key or f'"{primary_key}_' in error.message


async def replay(
    database: Database, call: Call, outcome: type[Message]
) -> Message | None:
    """Returns the answer of the first call with the key, None if there was none.

    Raises `IdempotencyKeyReused` if the first call was a different request, and `Gone`
    if its answer was destroyed.
    """
    row = await database.row(_READ, *_identity(call))
    if row is None:
        return None
    if row[2] <= now() - KEEP:
        await database.run(_FORGET, *_identity(call), now() - KEEP)
        return None
    if row[0] != call.fingerprint:
        raise IdempotencyKeyReused
    if row[3] is not None:
        raise await gone_of(database, call.caller.business_id, row[3])
    stored: Any = outcome.FromString(row[1])
    if ANSWERED_FIELDS in outcome.DESCRIPTOR.fields_by_name and stored.answered_fields:
        call.changed_nothing = True
        stored.ClearField(ANSWERED_FIELDS)  # as it was first given
    return stored  # type: ignore[no-any-return]  # of any method


async def refuse_used(database: Database, call: Call) -> None:
    """Raises `IdempotencyKeyBusy` if the key of a call has an answer, which is returned
    then. For calls whose work costs much, or succeeds when it is done again.
    """
    if call.key is not None:
        row = await database.row(_READ, *_identity(call))
        if row is not None and row[2] > now() - KEEP:
            raise IdempotencyKeyBusy


def of_no_change(answer: Any) -> Message:
    """Returns what is stored of a change that changed nothing: its answer, marked.

    The mark makes a replay tell a caller who may not read no more than the first answer
    did. It stands in the record's internal field, which `replay` empties.
    """
    marked: Any = type(answer)()
    marked.CopyFrom(answer)
    if ANSWERED_FIELDS in answer.DESCRIPTOR.fields_by_name:
        marked.answered_fields[:] = ("id",)
    return marked  # type: ignore[no-any-return]  # of any method


async def sweep(database: Database, business_id: str) -> None:
    """Deletes a tenant's keys that are older than `KEEP`."""
    await database.run(_SWEEP, business_id, now() - KEEP)


def _identity(call: Call) -> tuple[str, str, str, str]:
    caller = call.caller
    assert call.key is not None  # noqa: S101 - only keyed calls come here
    return caller.business_id, caller.user_id, caller.client_id, call.key


def _wait_seconds(call: Call) -> float:
    if call.deadline is None:
        return _LONGEST_WAIT_SECONDS
    left = call.deadline - asyncio.get_running_loop().time()
    return min(max(left - _MARGIN_SECONDS, 0.05), _LONGEST_WAIT_SECONDS)
