"""Idempotency keys: a repeated call gets the first answer and does nothing.

The key is a row that the command's own statement inserts beside the record, so
that a crash leaves both or neither. A second call with the key waits inside that
insert until the first has committed, fails on the primary key, and is answered
with what the first one stored.
"""

import asyncio
from hashlib import blake2b
from typing import Any

import asyncpg
from google.protobuf.message import Message

from services.caller import Call
from services.clock import DAY, now
from services.errors import IdempotencyKeyReused
from services.postgres.database import Database

KEEP = 30 * DAY
PRIMARY_KEY = "idempotency_keys_pkey"

# What a key that is taken may come as. Citus calls it an internal error and names the
# constraint in the message alone, with the number of a shard behind.
FAILED_WRITES = (asyncpg.UniqueViolationError, asyncpg.InternalServerError)

# Ended a little before the caller's deadline, so that the answer can still arrive.
_MARGIN_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 30.0

_READ = """
SELECT fingerprint, outcome, created_at FROM idempotency_keys
WHERE business_id = $1 AND user_id = $2 AND client_id = $3 AND key = $4
"""
_FORGET = """
DELETE FROM idempotency_keys
WHERE business_id = $1 AND user_id = $2 AND client_id = $3 AND key = $4
  AND created_at <= $5
"""
_SWEEP = "DELETE FROM idempotency_keys WHERE business_id = $1 AND created_at <= $2"


def fingerprint(method: str, request: Message) -> bytes:
    """What tells one request from another: its method and its values."""
    digest = blake2b(method.encode(), digest_size=16)
    digest.update(_in_order(request).SerializeToString(deterministic=True))
    return digest.digest()


def _in_order(request: Any) -> Message:
    """The request as path and body make it.

    A precondition is a header and does not count, nor does the order of a body's
    keys, which is that of the mask.
    """
    names = request.DESCRIPTOR.fields_by_name
    if "update_mask" not in names and "etag" not in names:
        return request  # type: ignore[no-any-return]  # of any method
    ordered: Any = type(request)()
    ordered.CopyFrom(request)
    if "etag" in names:
        ordered.ClearField("etag")
    if "update_mask" in names:
        ordered.update_mask.paths.sort()
    return ordered  # type: ignore[no-any-return]  # of any method


def key_values(call: Call, outcome: Message) -> list[Any]:
    """What the statement of a keyed command stores, in its parameters' order."""
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
    """Whether a statement failed because its idempotency key is there already."""
    if not isinstance(error, FAILED_WRITES):
        return False
    return error.constraint_name == PRIMARY_KEY or f'"{PRIMARY_KEY}_' in error.message


async def replay(
    database: Database, call: Call, outcome: type[Message]
) -> Message | None:
    """The answer of the first call with the key, None when there was none.

    Raises `IdempotencyKeyReused` when the first call was another one.
    """
    row = await database.row(_READ, *_identity(call))
    if row is None:
        return None
    if row[2] <= now() - KEEP:
        await database.run(_FORGET, *_identity(call), now() - KEEP)
        return None
    if row[0] != call.fingerprint:
        raise IdempotencyKeyReused
    return outcome.FromString(row[1])


async def sweep(database: Database, business_id: str) -> None:
    """Forgets a tenant's keys that are older than they are kept."""
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
