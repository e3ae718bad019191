"""One attempt to send one mail, from its claim until its result is written down."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from services.clock import AHEAD, DAY, EPOCH_SECONDS, SECOND, now, real_now
from services.errors import Unavailable
from services.mailing import plan, queue, signing
from services.mailing import statements as sql
from services.mailing.figures import LATER, MailFigures
from services.mailing.hours import next_hours
from services.mailing.kinds import (
    Composed,
    End,
    From,
    Mail,
    MailKind,
    NotNowError,
    Refused,
)
from services.mailing.queue import Claimed, LeaseLostError
from services.mailing.servers import Server, server_of_row
from services.mailing.talking import Envelope, Outcome, Result, Smtp
from services.postgres.database import Database, Row, Transaction
from services.sealed.vault import Vault

# A queue rests no longer before somebody looks again: hours and limits may change.
MOST_REST = 60 * SECOND
FAULT_REST = 60 * SECOND  # of a fault of ours nobody makes a thousand
# What came of mail that went is written for so long while the database is away.
_PATIENCE_SECONDS = 150.0
_PAUSE_SECONDS = 0.5

NO_SERVER = "no_server"
NOT_VERIFIED = "sender_not_verified"
SENDER_DELETED = "sender_deleted"
KEY_UNREADABLE = "key_unreadable"
CONNECTION_LOST = "process_died"

_STATES = {
    Result.SENT: sql.SENT,
    Result.BOUNCED: sql.BOUNCED,
    Result.UNCERTAIN: sql.UNCERTAIN,
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What sends mail in a process. `operator` is the operator's server, if any."""

    database: Database
    smtp: Smtp
    vault: Vault
    kinds: Mapping[int, MailKind]
    operator: Server | None
    figures: MailFigures


class _NotAllowedError(Exception):
    """The mail may not go after all; the reason is its text."""


async def end_lost(parts: Parts, business_id: str, sender_id: str) -> None:
    """Ends mail as uncertain whose process has died after its last byte."""

    async def work(transaction: Transaction) -> int:
        found = await queue.lost(transaction, business_id, sender_id)
        for each in found:
            end = End(sql.UNCERTAIN, CONNECTION_LOST, stage="data")
            await _ended(parts, transaction, each, end, 1)
        return len(found)

    number = await parts.database.in_transaction(work)
    parts.figures.results["uncertain"] += number


async def attempt(parts: Parts, claimed: Claimed) -> None:
    """Sends a mail, or lets it wait. Raises `Unavailable`."""
    running: _Attempt | None = None
    try:
        row = await queue.sender(parts.database, *_sender_key(claimed.mail))
        running = _Attempt(parts, claimed, row)
        await running.run()
    except LeaseLostError:
        pass  # it was withdrawn, or somebody else has it
    except BaseException as error:
        # Mail whose last line may have gone is never given back: its lease ends it.
        if running is None or not running.has_gone:
            soon = isinstance(error, asyncio.CancelledError | Unavailable)
            due = now() + (0 if soon else FAULT_REST)
            back = queue.wait(parts.database, claimed, due, None)
            with suppress(Unavailable, asyncio.CancelledError):
                await asyncio.shield(back)
        raise


def _sender_key(mail: Mail) -> tuple[str, str]:
    return mail.business_id, mail.sender_id


class _Attempt:
    """The attempt; `row` is the sender, None if it is deleted."""

    def __init__(self, parts: Parts, claimed: Claimed, row: Row | None) -> None:
        self._parts, self._claimed, self._mail = parts, claimed, claimed.mail
        self._row: Any = row
        self._kind = parts.kinds[claimed.mail.kind]
        self._is_bound = claimed.mail.kind != sql.VERIFICATION
        self._began = now()
        self.has_gone = False

    async def run(self) -> None:
        if self._row is None:
            await self._end(End(sql.FAILED, SENDER_DELETED))
            return
        if await self._rests():
            return
        if self._is_bound and not self._row["is_verified"]:
            await self._later(Outcome(Result.LATER, NOT_VERIFIED))
            return
        named = self._row["address"], self._row["name"] or ""
        sender = From(*named, self._row["business_name"])
        composed = await self._kind.compose(self._mail, sender)
        if isinstance(composed, Refused):
            await self._end(End(sql.REFUSED, composed.reason))
        else:
            await self._send(composed)

    async def _rests(self) -> bool:
        """Lets the queue rest outside of its hours, and once the day is full."""
        if not self._is_bound:
            return False
        begin = next_hours(self._row, self._began)
        day = queue.day_of(self._began)
        is_full = (
            self._row["day"] == day and self._row["sent"] >= self._row["daily_limit"]
        )
        if begin == self._began and not is_full:
            return False
        await self._rest(None if is_full else begin)
        return True

    async def _rest(self, begin: int | None) -> None:
        """Lets the queue rest until some moment, or the next day."""
        until = (self._began // DAY + 1) * DAY if begin is None else begin
        until = min(until, self._began + MOST_REST)
        await queue.rest(self._parts.database, self._mail, until)
        await queue.wait(self._parts.database, self._claimed, self._began, None)

    async def _send(self, composed: Composed) -> None:
        server = self._server()
        if isinstance(server, Outcome):
            await self._later(server)
            return
        message = self._signed(composed.message)
        if message is None:
            await self._later(Outcome(Result.LATER, KEY_UNREADABLE))
            return
        began = time.monotonic()
        try:
            if self._row["is_sandbox"]:  # nothing leaves a sandbox
                await self._go()
                outcome = Outcome(Result.SENT, "sandbox", stage="data")
            else:
                envelope = Envelope(self._row["address"], composed.recipient)
                outcome = await self._parts.smtp.send(
                    server, envelope, message, self._go
                )
        except _NotAllowedError as refused:
            await self._end(End(sql.REFUSED, str(refused)))
            return
        except NotNowError:
            await queue.wait(self._parts.database, self._claimed, now(), None)
            return
        self._parts.figures.attempt_seconds += time.monotonic() - began
        await _patiently(lambda: self._settle(outcome, message))

    def _server(self) -> Server | Outcome:
        """The server that takes the mail, or why there is none now."""
        smtp, sealed = self._row["smtp"], self._row["password"]
        if smtp is None:
            if self._parts.operator is None and not self._row["is_sandbox"]:
                return Outcome(Result.LATER, NO_SERVER)
            return self._parts.operator or Server("", 0, 0)
        password = self._opened(sealed)
        if password is None:
            return Outcome(Result.LATER, KEY_UNREADABLE)
        return server_of_row(smtp, password)

    def _signed(self, message: bytes) -> bytes | None:
        """The mail as it goes; None if its key cannot be read now."""
        dkim, sealed = self._row["dkim"], self._row["private_key"]
        if dkim is None or sealed is None:
            return message
        text = self._opened(sealed)
        if text is None:
            return None
        key = signing.Key(
            signing.domain_of(self._row["address"]),
            dkim["selector"],
            signing.private_key(text),
        )
        return signing.signed(message, key, real_now() // SECOND + EPOCH_SECONDS)

    def _opened(self, sealed: str | None) -> str | None:
        """A secret; None if this process does not know its key (yet)."""
        if sealed is None:
            return ""
        return self._parts.vault.open(sealed, *_sender_key(self._mail))

    async def _go(self) -> None:
        """Says in the database that the mail goes, if it still may."""

        async def work(transaction: Transaction) -> None:
            whose = _sender_key(self._mail)
            same = await transaction.row(sql.SAME_SENDER, *whose, self._row["version"])
            if same is None:
                raise NotNowError
            reason = await self._kind.allow(transaction, self._mail)
            if reason:
                raise _NotAllowedError(reason)
            if self._is_bound:
                most = self._row["daily_limit"]
                given = queue.day_of(self._began), most
                done = await transaction.run(sql.COUNT, *whose, *given)
                if not done.endswith(" 1"):
                    raise NotNowError
            ahead = AHEAD.get()
            done = await transaction.run(sql.GO, *self._claimed.key, ahead)
            if not done.endswith(" 1"):
                raise LeaseLostError

        await self._parts.database.in_transaction(work)
        self.has_gone = True

    async def _settle(self, outcome: Outcome, message: bytes) -> None:
        """Writes what came of it."""
        if outcome.result is Result.LATER:
            await self._later(outcome)
            return
        told = outcome.reason, outcome.code, outcome.answer, outcome.stage
        await self._end(End(_STATES[outcome.result], *told, message), made=1)

    async def _later(self, outcome: Outcome) -> None:
        """Lets the mail wait for its next attempt, or gives it up."""
        begun = self._mail.begun_at or self._began
        due = plan.next_due(begun, self._mail.attempts + 1, now())
        if due is None:
            told = outcome.reason, outcome.code, outcome.answer, outcome.stage
            await self._end(End(sql.FAILED, *told), made=1)
            return
        told_now = outcome.reason, outcome.code

        async def work(transaction: Transaction) -> None:
            await self._uncount(transaction)
            await queue.wait(transaction, self._claimed, due, begun, *told_now)

        await self._parts.database.in_transaction(work)
        self._parts.figures.results[LATER] += 1

    async def _end(self, end: End, made: int = 0) -> None:
        async def work(transaction: Transaction) -> None:
            if end.state == sql.FAILED:
                await self._uncount(transaction)
            await _ended(self._parts, transaction, self._claimed, end, made)

        await self._parts.database.in_transaction(work)
        self._parts.figures.results[end.name] += 1

    async def _uncount(self, transaction: Transaction) -> None:
        """Gives the place of the day back that the mail has not used."""
        if self.has_gone and self._is_bound:
            given = *_sender_key(self._mail), queue.day_of(self._began)
            await transaction.run(sql.UNCOUNT, *given)


async def _ended(
    parts: Parts, transaction: Transaction, claimed: Claimed, end: End, made: int
) -> None:
    await queue.end(transaction, claimed, end, made)
    kind = parts.kinds[claimed.mail.kind]
    await kind.ended(transaction, claimed.mail, end)


async def _patiently(work: Callable[[], Awaitable[None]]) -> None:
    """Does what must be written, again while the database is away."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            await work()
        except Unavailable:
            if time.monotonic() >= ends:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return
