"""Serves one webhook, from its claim until nothing is left to do or it is lost."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, TypeAlias

import structlog
from prospectconnect.events.v1 import webhooks_pb2 as pb

from services.caller import Caller
from services.changes import order
from services.clock import AHEAD, EPOCH_SECONDS, SECOND, now, real_now
from services.delivering import queues
from services.delivering.faulty import Faulty
from services.delivering.figures import DeliveryFigures, outcome_of
from services.delivering.places import Places
from services.delivering.queues import Attempt, LeaseLost, attempted
from services.delivering.sending import NOT_MADE, Outcome, Sender
from services.delivering.signing import signed
from services.delivering.statements import GIVEN_UP
from services.delivering.telling import Forbidden, Telling
from services.delivering.webhook import Delivery, Webhook
from services.errors import ChangesGone, Unavailable
from services.iam.makers import find_maker
from services.postgres.database import Database

MOST_AT_ONCE = 8
# After so many failures in a row an endpoint gets one request at a time, until one
# succeeds: who does not answer holds little.
_FAILS_MOST = 8
# So often the webhook and its maker are looked at again; a body is not sent later than
# this after it was made.
_LOOK_SECONDS = 1.0
_MOST_IN_HAND = 200
# So many pages are read before what has been sent meanwhile is written.
_MOST_PAGES = 20
HEADERS = {
    "content-type": "application/json",
    "user-agent": "ProspectConnect-Webhooks/1",
}

_log = structlog.get_logger("services")

Reason: TypeAlias = pb.DisabledReason.ValueType
# Makes a webhook inactive, as its owner would, and says why.
Disable = Callable[[Webhook, Reason], Awaitable[None]]
# The keys that sign the requests of a webhook, from its sealed secrets. Empty: this
# process cannot open them (yet).
Keys = Callable[[Webhook, Any], list[bytes]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What serves webhooks in a process."""

    database: Database
    telling: Telling
    sender: Sender
    places: Places
    keys: Keys
    disable: Disable
    figures: DeliveryFigures


class Serving:
    """Serves a claimed webhook. `stopping` is set when the process ends."""

    def __init__(self, parts: Parts, webhook: Webhook, stopping: asyncio.Event) -> None:
        self._parts, self._webhook, self._stopping = parts, webhook, stopping
        self._position, self._stops = webhook.position, deque(webhook.stops)
        self._caller: Caller | None = None
        self._keys: list[bytes] = []
        self._looked_at = 0.0
        self._is_same = self._reads = True
        self._failures = 0
        self._ready: deque[Delivery] = deque()
        self._in_hand: set[str] = set()
        self._sending: set[asyncio.Task[Attempt]] = set()
        # The records that a request is under way of.
        self._busy: set[str] = set()
        self._faulty = Faulty(parts.database, webhook.business_id)

    async def run(self) -> None:
        """Serves it. Gives it back in the end, after errors too."""
        rest = 0.0
        try:
            await self._serve()
        except LeaseLost:
            pass
        except Forbidden:
            await self._end(pb.DISABLED_REASON_FORBIDDEN)
        except Unavailable:
            raise
        except Exception:
            rest = 30.0  # of a fault of ours nobody makes a thousand
            raise
        finally:
            for task in self._sending:
                task.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)
            with suppress(Unavailable):
                given = queues.give_back(self._parts.database, self._webhook, rest)
                await asyncio.shield(given)

    async def _serve(self) -> None:
        await self._look()
        await self._fill()
        while self._ready or self._sending:
            self._start()
            if not self._sending:
                return  # it ends: others go on with what is ready
            done, _ = await asyncio.wait(
                self._sending,
                timeout=_LOOK_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            self._sending -= done
            if time.monotonic() - self._looked_at >= _LOOK_SECONDS:
                await self._look()
            attempts = [each.result() for each in done]
            self._busy.difference_update(each.delivery.record_id for each in attempts)
            self._start()
            if attempts:
                await self._settle(attempts)
            await self._fill()

    @property
    def _ends(self) -> bool:
        """Whether nothing more is to be begun."""
        return not self._is_same or self._stopping.is_set()

    async def _look(self) -> None:
        """Keeps the webhook, finds out what its maker may read now, and what is due."""
        parts, webhook = self._parts, self._webhook
        self._is_same, sealed = await queues.renew(parts.database, webhook)
        caller = await find_maker(parts.database, webhook.business_id, webhook.maker)
        if caller is None:
            raise Forbidden
        AHEAD.set(caller.clock_ahead)  # of this task, which serves one tenant
        self._caller, self._keys = caller, parts.keys(webhook, sealed)
        if not self._keys:
            raise LeaseLost  # a process that has read the newest keys will serve it
        most = _MOST_IN_HAND - len(self._in_hand)
        due = await queues.due(parts.database, webhook, self._in_hand, most)
        self._take(due)
        has_room = len(due) < most and await queues.has_room(parts.database, webhook)
        self._reads = has_room
        self._looked_at = time.monotonic()

    async def _fill(self) -> None:
        """Takes what the feed tells, unless enough is ready."""
        if self._ends or self._caller is None:
            self._in_hand.difference_update(each.id for each in self._ready)
            self._ready.clear()
            return
        for _ in range(_MOST_PAGES):
            if not self._reads or len(self._ready) >= MOST_AT_ONCE:
                return
            if not await self._read(self._caller):
                return

    async def _read(self, caller: Caller) -> bool:
        """Takes a page of the feed. Returns whether more follows."""
        database, webhook, stops = self._parts.database, self._webhook, self._stops
        while stops and self._position.place >= stops[0]:
            place = stops.popleft()
            self._position = await queues.skip(database, webhook, place)
        try:
            told, page = await self._parts.telling.page(webhook, caller, self._position)
        except ChangesGone:
            # The database was restored from a dump. What it knows begins anew.
            await queues.forget_gaps(database, webhook)
            stops.clear()
            self._position = await order.horizon(database)
            await queues.take(database, webhook, self._position.text, ())
            return True
        if page.end == self._position:
            return False
        made = time.monotonic()
        if stops:
            told = [each for each in told if int(each.row["place"]) < stops[0]]
        due = await queues.take(database, webhook, page.end.text, told)
        for each in due:
            each.made_at = made
        self._take(due)
        self._position = page.end
        return page.has_more or bool(stops)

    def _take(self, deliveries: list[Delivery]) -> None:
        self._ready.extend(deliveries)
        self._in_hand.update(each.id for each in deliveries)

    def _start(self) -> None:
        """Begins to send what may be sent now."""
        most = 1 if self._failures >= _FAILS_MOST else MOST_AT_ONCE
        for _ in range(len(self._ready)):
            if self._ends or len(self._sending) >= most:
                return
            delivery = self._ready.popleft()
            if delivery.record_id in self._busy and self._webhook.is_ordered:
                self._ready.append(delivery)
                continue
            self._busy.add(delivery.record_id)
            self._sending.add(asyncio.create_task(self._send(delivery)))

    async def _send(self, delivery: Delivery) -> Attempt:
        async with self._parts.places.of(self._shares_of()):
            began = now()
            try:
                await self._make_body(delivery)
            except (Unavailable, Forbidden):
                raise
            except Exception:
                # One change that cannot be told does not keep the others back.
                _log.exception("change_was_not_told", delivery=delivery.id)
                return attempted(delivery, began, Outcome(error=NOT_MADE))
            if not delivery.body:
                return attempted(delivery, began, None)
            began = now()
            # Receivers hold a signature against their own clocks.
            seconds = real_now() // SECOND + EPOCH_SECONDS
            proof = signed(self._keys, delivery.change_id, seconds, delivery.body)
            send = partial(
                self._parts.sender.send,
                self._webhook.url,
                {**HEADERS, **proof},
                delivery.body,
            )
            if self._caller is not None and self._caller.sandbox:
                outcome = await self._faulty.send(send)
            else:
                outcome = await send()
        return attempted(delivery, began, outcome)

    def _shares_of(self) -> str:
        """The tenant that has the places: a sandbox takes those of its live tenant."""
        live = "" if self._caller is None else self._caller.sandbox_of
        return live or self._webhook.business_id

    async def _make_body(self, delivery: Delivery) -> None:
        """Makes the body anew, unless it was made just now."""
        if time.monotonic() - delivery.made_at < _LOOK_SECONDS:
            return
        if self._caller is None:
            raise Forbidden
        delivery.body = b""
        await self._parts.telling.bodies(self._webhook, self._caller, [delivery])

    async def _settle(self, attempts: list[Attempt]) -> None:
        """Writes what came of attempts."""
        for each in attempts:
            if each.outcome is not None:
                self._count(each.outcome)
        parts, webhook = self._parts, self._webhook
        released, failing = await queues.settle(parts.database, webhook, attempts)
        self._in_hand.difference_update(each.delivery.id for each in attempts)
        self._take(released)
        parts.figures.given_up += sum(each.state == GIVEN_UP for each in attempts)
        if any(
            each.outcome and each.outcome.status == HTTPStatus.GONE for each in attempts
        ):
            await self._end(pb.DISABLED_REASON_GONE)
            raise LeaseLost
        if queues.has_failed_long(failing):
            await self._end(pb.DISABLED_REASON_FAILING)
            raise LeaseLost

    def _count(self, outcome: Outcome) -> None:
        figures = self._parts.figures
        figures.attempts[outcome_of(outcome)] += 1
        figures.attempt_seconds += outcome.duration_ms / 1_000
        self._failures = 0 if outcome.is_success else self._failures + 1

    async def _end(self, reason: Reason) -> None:
        """Makes the webhook inactive."""
        name = pb.DisabledReason.Name(reason).removeprefix("DISABLED_REASON_").lower()
        self._parts.figures.disabled[name] += 1
        await self._parts.disable(self._webhook, reason)
