"""Limits attempts to log in: a few at once, then one at a time, and no long lock.

An attempt is counted before the password is checked, so that parallel attempts gain
nothing. For a browser in which the user has logged in before, only its own attempts
count, so that nobody else can lock the user out. For other browsers there is one limit
for each network address, and one for all of them together (OWASP, device cookies).

The database decides which account an e-mail address belongs to, by SQL's lower case.
Python's lower case differs for some letters, so that each spelling would get attempts
of its own.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from services.clock import DAY, real_now
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
    """A number of attempts at once, then one for each interval of seconds."""

    at_once: int
    seconds: int

    @property
    def cost(self) -> timedelta:
        """The time that one attempt costs."""
        return timedelta(seconds=self.seconds)

    @property
    def room(self) -> timedelta:
        """The debt of time with which another attempt is still allowed."""
        return self.cost * (self.at_once - 1)


ONE_PLACE = Pace(at_once=5, seconds=30)
STRANGE_PLACES = Pace(at_once=20, seconds=15)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to log in. Only hashes of it are stored.

    `email` is the address as typed; the database decides which account it is.
    """

    email: str
    browser: bytes
    address: bytes


def attempt_of(email: str, browser: str, address: str) -> Attempt:
    """Returns an attempt with an e-mail address, a browser and a network address."""
    return Attempt(
        email,
        hash_of(f"browser {browser}"),
        hash_of(f"address {_network(address)}"),
    )


async def pay(database: Database, attempt: Attempt) -> None:
    """Counts an attempt. Raises `LoginLimited` if there were too many."""
    moment = real_now()
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
    """Removes a successful attempt from the counts, and remembers the browser."""
    await database.run(_KNOW, attempt.email, attempt.browser, real_now())
    await database.run(_FORGIVE, attempt.email, attempt.address)


async def sweep(database: Database) -> None:
    """Deletes counts that no longer limit anything."""
    await database.run(_SWEEP, real_now(), real_now() - KNOWN_FOR)


def _network(address: str) -> str:
    """The network by which an address is counted: 64 bits of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ip_network((found, 64), strict=False))
