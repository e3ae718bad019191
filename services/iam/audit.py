"""The audit log: logins, consents, refusals and revocations, with their origin.

An event commits together with the change that it records. Events without a tenant, such
as a login with an unknown address, have an empty `business_id`.
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
    """A database or a transaction, which can run a statement."""

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event. `address` is the network address of its origin, `detail` free text.

    `id` is the id that a form contained, so that the form works once. If it is empty,
    the event gets a new id.
    """

    name: str
    business_id: str = NOBODY
    user_id: str = ""
    client_id: str = ""
    address: str = ""
    detail: str = ""
    id: str = ""


async def record(database: Runs, event: Event) -> None:
    """Records an event in a statement of its own."""
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
    """Returns SQL that records an event for each row of `source`.

    It is a part of a larger statement. `event`, `user_id` and `client_id` are SQL. The
    parameters of `beside_values` begin at number `first`; the tenant is $1.
    """
    return (
        f"INSERT INTO audit_events ({COLUMNS}) SELECT $1, ${first}, "
        f"${first + 1}::timestamptz, {event}, {user_id}, {client_id}, "
        f"${first + 2}::text, ${first + 3}::text FROM {source}"
    )


def beside_values(address: str, detail: str = "") -> tuple[str, int, str, str]:
    """Returns the four values of `beside`."""
    kept = plain(address, MOST_ADDRESS), plain(detail, MOST_DETAIL)
    return new_id("aud_"), now(), *kept


async def read(
    database: Database, business_id: str, since: int, most: int
) -> list[Row]:
    """Returns a tenant's events since a moment, the latest first.

    The columns are id, at, event, user_id, client_id, address, detail.
    """
    return await database.rows(_READ, business_id, since, most)


async def sweep(database: Database, business_id: str, before: int) -> None:
    """Deletes a tenant's events before a moment."""
    await database.run(_SWEEP, business_id, before)


def plain(text: str, most: int) -> str:
    """Returns a client's text without characters that could harm a terminal."""
    kept = (c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:most])
    return "".join(kept)
