"""The audit: who logged in, let apps in, changed what in the account, was refused.

An event commits together with the change that it records. Events without a tenant, such
as a login with an unknown address, have an empty `business_id`. The table chains its
rows by their hashes: no program updates one, save to destroy a person's data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.caller import CURRENT_CALL, Call
from services.clock import now
from services.ids import new_id
from services.postgres.database import Database, Row, Transaction
from services.records.log import audit_statements as sql
from services.trace import CURRENT_TRACE, trace_id_of

NOBODY = ""
OPERATOR = "command line"
MOST_ADDRESS, MOST_TEXT = 64, 500

_READ = """
SELECT id, at, event, user_id, client_id, ip, target, details, trace_id FROM audit
WHERE business_id = $1 AND at >= $2 ORDER BY at DESC, place DESC LIMIT $3
"""
# What programs before the chain wrote. The sweep deletes it.
_READ_OLD = """
SELECT id, at, event, nullif(user_id, ''), nullif(client_id, ''), nullif(address, ''),
  nullif(detail, ''), NULL::jsonb, NULL::text FROM audit_events
WHERE business_id = $1 AND at >= $2 ORDER BY at DESC, id DESC LIMIT $3
"""

beside = sql.beside


class Runs(Protocol):
    """A database or a transaction, which can run a statement."""

    async def run(self, sql: str, *values: Any) -> str:
        """Runs a statement."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event. `address` is the network address of its origin.

    `target` is the id of what it is about, `details` hold what else is known.
    `id` is the id that a form contained, so that the form works once. If it is empty,
    the event gets a new id.
    """

    name: str
    business_id: str = NOBODY
    user_id: str = ""
    client_id: str = ""
    address: str = ""
    target: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    trace_id: str = ""


def by_caller(call: Call, name: str, target: str, **details: Any) -> Event:
    """An event that a call causes: one line, where the method writes."""
    caller = call.caller
    whose = caller.business_id, caller.user_id, caller.client_id, call.address
    return Event(name, *whose, target, details, trace_id=_trace_of(call))


async def record(database: Runs, event: Event) -> None:
    """Records an event in a statement of its own."""
    await database.run(
        sql.RECORD_SQL,
        event.business_id,
        event.user_id,
        event.client_id,
        event.id or new_id("aud_"),
        now(),
        plain(event.address, MOST_ADDRESS),
        _told(event.target, event.details, event.trace_id),
        event.name,
    )


def beside_values(
    address: str, target: str = "", *, trace_id: str = "", **details: Any
) -> tuple[str, int, str, dict[str, Any]]:
    """Returns the four values of `beside`."""
    told = _told(target, details, trace_id)
    return new_id("aud_"), now(), plain(address, MOST_ADDRESS), told


async def read(
    database: Database, business_id: str, since: int, most: int
) -> list[Row]:
    """Returns a tenant's events since a moment, the latest first.

    The columns are id, at, event, user_id, client_id, ip, target, details, trace_id.
    """
    given = business_id, since, most
    found = await database.rows(_READ, *given)
    old = await database.rows(_READ_OLD, *given)
    return [*found, *old][:most]


async def sweep(database: Database, business_id: str, before: int) -> None:
    """Deletes a tenant's events before a moment, up to the first one after it.

    The head keeps the hash of the last one, so that what is left is still a chain.
    """
    await database.run(sql.SWEEP_SQL, business_id, before)
    await database.run(sql.SWEEP_OLD_SQL, business_id, before)


async def forget(
    transaction: Transaction, business_id: str, emails: Sequence[str]
) -> int:
    """Destroys what a tenant's events say of e-mail addresses. Returns how many did."""
    row = await transaction.row(sql.FORGET_SQL, business_id, list(emails))
    return 0 if row is None else int(row[0])


def _told(target: str, details: Mapping[str, Any], trace_id: str) -> dict[str, Any]:
    """Target, details and trace as one value, without what is empty."""
    kept = {
        key: plain(value, MOST_TEXT) if isinstance(value, str) else value
        for key, value in details.items()
        if value not in ("", None)
    }
    told = {
        "target": plain(target, MOST_TEXT),
        "details": kept,
        "trace_id": trace_id or _trace_of(CURRENT_CALL.get(None)),
    }
    return {key: value for key, value in told.items() if value}


def _trace_of(call: Call | None) -> str:
    """The trace of a call. In process, the edge tells it in the metadata."""
    trace = CURRENT_TRACE.get()
    if trace is not None:
        return trace.trace_id
    return "" if call is None else trace_id_of(call.traceparent)


def plain(text: str, most: int) -> str:
    """Returns a client's text without characters that could harm a terminal."""
    kept = (c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:most])
    return "".join(kept)
