"""The keys that seal cursors, forms, receipts and secrets, and their rotation.

A process opens values with a new key as soon as it has read the key. It seals with the
key later, when all processes have read it. The old key still opens values for a while
after that. So a rotation breaks nothing that a client holds.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from services.clock import SECOND, real_now
from services.errors import NotFound
from services.postgres.database import Database

CURSORS, FORMS, RECEIPTS = "cursors", "forms", "receipts"
WEBHOOKS, SUPPRESSIONS, BOOKINGS = "webhooks", "suppressions", "bookings"
NAMES = (CURSORS, FORMS, RECEIPTS, WEBHOOKS, SUPPRESSIONS, BOOKINGS)
# What a key of webhooks has sealed is sealed anew within hours. Until then it has to
# open. No digest of a suppression can be made anew: these keys stay for a century. The
# address of a booking is in a mail till the meeting, which is a year ahead at most.
_KEPT_SECONDS = {
    WEBHOOKS: 86_400,
    SUPPRESSIONS: 100 * 365 * 86_400,
    BOOKINGS: 400 * 86_400,
}

LOOK_SECONDS = 5
# A new key seals after this time. A process that could not read keys for so long has no
# database and seals nothing.
SPREAD_SECONDS = 60

_MAKE = """
INSERT INTO secrets (name, value, seals_from) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
"""
_READ = """
SELECT value, seals_from FROM secrets
WHERE name = $1 AND (opens_until IS NULL OR opens_until > $2)
ORDER BY seals_from DESC
"""
# Only the newest key of a name has no end; a unique index ensures that.
_RETIRE = """
WITH retired AS (
  UPDATE secrets SET opens_until = least(opens_until, $4)
  WHERE name = $1 AND (opens_until IS NULL OR ($5 AND opens_until > $4))
  RETURNING seals_from
)
INSERT INTO secrets (name, value, seals_from)
SELECT $1, $2, greatest($3, max(seals_from) + interval '1 microsecond')
FROM retired HAVING count(*) > 0
"""
_FORGET = "DELETE FROM secrets WHERE name = $1 AND opens_until <= $2"


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A key, and the moment from which it seals."""

    value: bytes
    seals_from: int


class SecretKeys:
    """The keys of one name, as last read: one seals, all of them open."""

    def __init__(self, *keys: SecretKey) -> None:
        """Uses `keys`, the newest first."""
        self.opening: tuple[bytes, ...] = ()
        self.sealing = b""
        self.take(keys, real_now())

    def take(self, keys: Sequence[SecretKey], moment: int) -> None:
        """Uses `keys`, at least one, as of a moment."""
        begun = (key.value for key in keys if key.seals_from <= moment)
        # After a leak all old keys are gone and the new one may not have begun yet.
        self.sealing = next(begun, keys[0].value)
        self.opening = tuple(key.value for key in keys)


async def open_keys(database: Database, name: str) -> SecretKeys:
    """Reads the keys that all processes share; creates the first one if needed."""
    await database.run(_MAKE, name, _new_value(), real_now())
    return SecretKeys(*await _read(database, name))


async def look_again(database: Database, name: str, keys: SecretKeys) -> None:
    """Reads the keys of a name again."""
    keys.take(await _read(database, name), real_now())


async def look_at_all(database: Database, kept: dict[str, SecretKeys]) -> None:
    """Reads the keys of all names again."""
    for name, keys in kept.items():
        await look_again(database, name, keys)


async def rotate(
    database: Database, name: str, keep_seconds: int, *, at_once: bool = False
) -> None:
    """Creates a new key. The old keys open for `keep_seconds` after it seals.

    With `at_once` the new key seals, and the old keys become invalid, as soon as the
    processes have read it: for a key that leaked. Keys of what is read again open until
    that is sealed anew. Raises `NotFound` if no key exists.
    """
    moment = real_now()
    begin = moment if at_once else moment + SPREAD_SECONDS * SECOND
    end = moment if at_once else begin + keep_seconds * SECOND
    end = max(end, begin + _KEPT_SECONDS.get(name, 0) * SECOND)
    done = await database.run(_RETIRE, name, _new_value(), begin, end, at_once)
    if not done.endswith(" 1"):
        raise NotFound(f"There is no key of the name {name} yet.")
    await database.run(_FORGET, name, moment)


async def _read(database: Database, name: str) -> list[SecretKey]:
    rows = await database.rows(_READ, name, real_now())
    return [SecretKey(bytes(row[0]), row[1]) for row in rows]


def _new_value() -> bytes:
    return os.urandom(32)
