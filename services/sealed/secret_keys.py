"""The keys by which cursors, forms and receipts are sealed, and their change.

A key opens from the moment that a process has seen it, and seals only once all of them
have; after that the one before opens for a while longer. So a change breaks nothing
that a client holds.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from services.clock import SECOND, now
from services.errors import NotFound
from services.postgres.database import Database

CURSORS, FORMS, RECEIPTS = "cursors", "forms", "receipts"
NAMES = (CURSORS, FORMS, RECEIPTS)

LOOK_SECONDS = 5
# A new key is known everywhere before it seals: a process that could not look for
# this long has no database, and seals nothing.
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
# The newest key of a name is the one without an end, which an index sees to.
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
    """A key, and from which moment on it seals."""

    value: bytes
    seals_from: int


class SecretKeys:
    """The keys of one name as of the last look: one seals, all of them open."""

    def __init__(self, *keys: SecretKey) -> None:
        """Takes keys, the newest first."""
        self.opening: tuple[bytes, ...] = ()
        self.sealing = b""
        self.take(keys, now())

    def take(self, keys: Sequence[SecretKey], moment: int) -> None:
        """Uses these keys from a moment on. There is at least one."""
        begun = (key.value for key in keys if key.seals_from <= moment)
        # None has begun where all before are thought to have leaked.
        self.sealing = next(begun, keys[0].value)
        self.opening = tuple(key.value for key in keys)


async def open_keys(database: Database, name: str) -> SecretKeys:
    """The keys that all processes share; the first is made by whoever needs it."""
    await database.run(_MAKE, name, _new_value(), now())
    return SecretKeys(*await _read(database, name))


async def look_again(database: Database, name: str, keys: SecretKeys) -> None:
    """Takes the keys as they are now."""
    keys.take(await _read(database, name), now())


async def look_at_all(database: Database, kept: dict[str, SecretKeys]) -> None:
    """Takes the keys of all names as they are now."""
    for name, keys in kept.items():
        await look_again(database, name, keys)


async def rotate(
    database: Database, name: str, keep_seconds: int, *, at_once: bool = False
) -> None:
    """Makes a new key; those before open for so long from when it seals.

    With `at_once` the new one seals and the others are done with as soon as processes
    have looked: for a key that leaked. Raises `NotFound` where nothing was ever sealed.
    """
    moment = now()
    begin = moment if at_once else moment + SPREAD_SECONDS * SECOND
    end = moment if at_once else begin + keep_seconds * SECOND
    done = await database.run(_RETIRE, name, _new_value(), begin, end, at_once)
    if not done.endswith(" 1"):
        raise NotFound(f"There is no key of the name {name} yet.")
    await database.run(_FORGET, name, moment)


async def _read(database: Database, name: str) -> list[SecretKey]:
    rows = await database.rows(_READ, name, now())
    return [SecretKey(bytes(row[0]), row[1]) for row in rows]


def _new_value() -> bytes:
    return os.urandom(32)
