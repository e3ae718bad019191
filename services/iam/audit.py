"""The audit: who let which app in, who refused, what was revoked, and from where.

An event commits with what it tells of. Events of no tenant, such as an attempt to log
in with an address that nobody has, are kept under an empty `business_id`.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from services.clock import now
from services.ids import new_id
from services.postgres.database import Database, Row

NOBODY = ""
OPERATOR = "command line"
MOST_ADDRESS, MOST_DETAIL = 64, 500

COLUMNS = "business_id, id, at, event, user_id, client_id, address, detail"

_RECORD = f"""
INSERT INTO audit_events ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_READ = """
SELECT id, at, event, user_id, client_id, address, detail FROM audit_events
WHERE business_id = $1 AND at >= $2 ORDER BY at DESC, id DESC LIMIT $3
"""
_SWEEP = "DELETE FROM audit_events WHERE business_id = $1 AND at <= $2"


class Runs(Protocol):
    """What runs a statement: a database, or a transaction on one."""

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. `address` is where from; `detail` is a word more.

    `id` is one that a form was given, so that it happens once; empty: a new one.
    """

    name: str
    business_id: str = NOBODY
    user_id: str = ""
    client_id: str = ""
    address: str = ""
    detail: str = ""
    id: str = ""


async def record(database: Runs, event: Event) -> None:
    """Records an event that nothing else is written with."""
    await database.run(
        _RECORD,
        event.business_id,
        event.id or new_id("aud_"),
        now(),
        event.name,
        event.user_id,
        event.client_id,
        plain(event.address, MOST_ADDRESS),
        plain(event.detail, MOST_DETAIL),
    )


def beside(source: str, event: str, user_id: str, client_id: str, first: int) -> str:
    """The SQL that records an event for each row of `source`, in the same statement.

    `event`, `user_id` and `client_id` are SQL. Its own parameters, of `beside_values`,
    begin at `first`; the tenant is $1.
    """
    return (
        f"INSERT INTO audit_events ({COLUMNS}) SELECT $1, ${first}, "
        f"${first + 1}::timestamptz, {event}, {user_id}, {client_id}, "
        f"${first + 2}::text, ${first + 3}::text FROM {source}"
    )


def beside_values(address: str, detail: str = "") -> tuple[str, int, str, str]:
    """The values of `beside`, four."""
    kept = plain(address, MOST_ADDRESS), plain(detail, MOST_DETAIL)
    return new_id("aud_"), now(), *kept


async def read(
    database: Database, business_id: str, since: int, most: int
) -> list[Row]:
    """A tenant's events since a moment, the latest first.

    Each is id, at, event, user_id, client_id, address, detail.
    """
    return await database.rows(_READ, business_id, since, most)


async def sweep(database: Database, business_id: str, before: int) -> None:
    """Forgets a tenant's events that are older than they are kept."""
    await database.run(_SWEEP, business_id, before)


def plain(text: str, most: int) -> str:
    """A text of a client, fit to be kept and shown on a terminal."""
    kept = (c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:most])
    return "".join(kept)
