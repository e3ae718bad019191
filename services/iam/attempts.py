"""Attempts to log in: few at once, then slowly, and never locked for long.

Each attempt is paid for before the password is looked at, so that many at once buy
nothing. From a browser in which the user logged in before, only that browser's own
attempts count: nobody else can keep them out. From anywhere else both the network
address and all strange places together are limited (OWASP, device cookies).

An account is what the database takes an e-mail address for, as it finds users by it:
Python's lower case tells apart what SQL's does not, and each spelling would be tried
anew.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from services.clock import DAY, now
from services.errors import LoginLimited
from services.iam.bearer import hash_of
from services.postgres.database import Database

KNOWN_FOR = 365 * DAY
_EVERYWHERE = b""

_ACCOUNT = "sha256(convert_to(lower($1::text), 'UTF8'))"

_IS_KNOWN = f"""
SELECT known_at FROM login_attempts
WHERE account = {_ACCOUNT} AND place = $2 AND known_at > $3
"""
_PAY = f"""
INSERT INTO login_attempts AS a (account, place, rested_at)
VALUES ({_ACCOUNT}, $2, $3::timestamptz + $4::interval)
ON CONFLICT (account, place) DO UPDATE
SET rested_at = greatest(a.rested_at, $3::timestamptz) + $4::interval
WHERE greatest(a.rested_at, $3::timestamptz) <= $3::timestamptz + $5::interval
RETURNING rested_at
"""
_KNOW = f"""
INSERT INTO login_attempts (account, place, rested_at, known_at)
VALUES ({_ACCOUNT}, $2, $3, $3)
ON CONFLICT (account, place) DO UPDATE SET rested_at = $3, known_at = $3
"""
_FORGIVE = f"DELETE FROM login_attempts WHERE account = {_ACCOUNT} AND place = $2"
_SWEEP = """
DELETE FROM login_attempts
WHERE rested_at <= $1 AND coalesce(known_at, '-infinity') <= $2
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """So many attempts at once, then one in so many seconds."""

    at_once: int
    seconds: int

    @property
    def cost(self) -> timedelta:
        """What an attempt costs."""
        return timedelta(seconds=self.seconds)

    @property
    def room(self) -> timedelta:
        """How much may be owed when another attempt begins."""
        return self.cost * (self.at_once - 1)


ONE_PLACE = Pace(at_once=5, seconds=30)
STRANGE_PLACES = Pace(at_once=20, seconds=15)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries to log in as whom; only hashes are kept.

    `email` is as it was given: which account it is, the database says.
    """

    email: str
    browser: bytes
    address: bytes


def attempt_of(email: str, browser: str, address: str) -> Attempt:
    """An attempt with an e-mail address, from a browser at a network address."""
    return Attempt(
        email,
        hash_of(f"browser {browser}"),
        hash_of(f"address {_network(address)}"),
    )


async def pay(database: Database, attempt: Attempt) -> None:
    """Pays for an attempt; raises `LoginLimited` when too many were made."""
    moment = now()
    row = await database.row(
        _IS_KNOWN, attempt.email, attempt.browser, moment - KNOWN_FOR
    )
    budgets = [(attempt.address, ONE_PLACE), (_EVERYWHERE, STRANGE_PLACES)]
    if row is not None:
        budgets = [(attempt.browser, ONE_PLACE)]
    for place, pace in budgets:
        values = attempt.email, place, moment, pace.cost, pace.room
        if await database.row(_PAY, *values) is None:
            raise LoginLimited(pace.seconds)


async def forgive(database: Database, attempt: Attempt) -> None:
    """Gives back what was paid where the user logged in, and knows the browser."""
    await database.run(_KNOW, attempt.email, attempt.browser, now())
    await database.run(_FORGIVE, attempt.email, attempt.address)


async def sweep(database: Database) -> None:
    """Forgets what limits nobody any more."""
    await database.run(_SWEEP, now(), now() - KNOWN_FOR)


def _network(address: str) -> str:
    """Whose an address is: of IPv6 everybody has at least 64 bits of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ip_network((found, 64), strict=False))
