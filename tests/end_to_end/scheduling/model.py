"""What becomes of bookings, told without the product: times are half hours of a day.

Hosts work from half hour 0 to `LONG`, on one day of each week. Nothing is forgotten: a
list is looked through each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

LONG, HOSTS = 4, 2
WEEK = 336
# How many meetings of a type a host has on one day at most.
MOST = {"asks": 2}
# From which statuses an action leads to which one. The last two need a beginning.
ACTIONS = {
    "confirm": (("pending",), "confirmed"),
    "decline": (("pending",), "declined"),
    "cancel": (("pending", "confirmed"), "cancelled"),
    "no_show": (("confirmed",), "no_show"),
    "held": (("confirmed",), "held"),
}
TAKES_TIME = ("pending", "confirmed", "held")
COUNTS = (*TAKES_TIME, "no_show")


@dataclass
class Booked:
    """A booking: its type, when it is, who holds it, and how it stands."""

    kind: str
    start: int
    long: int
    host: int
    status: str
    turn: int


@dataclass
class Held:
    """A hold: for which visitor of a type, when, and of which host."""

    kind: str
    visitor: str
    start: int
    long: int
    host: int


class RefusedError(Exception):
    """Why something is not done: a word, and for a taken time the next free ones."""

    def __init__(self, why: str, free: tuple[int, ...] = ()) -> None:
        super().__init__(why)
        self.why, self.free = why, free


@dataclass
class Model:
    """The bookings in the order in which they were made, and the holds.

    `now` is in half hours. No hold lasts so long.
    """

    now: float = -1.0
    booked: list[Booked] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def is_slot(self, start: int, long: int) -> bool:
        """Whether hours have room for it, and it has not begun."""
        return 0 <= start % WEEK <= LONG - long and start > self.now

    def is_full(self, kind: str, start: int, host: int, but: Any) -> bool:
        """Whether a host has as many meetings of a type on a day as they may."""
        counted: list[Any] = [e for e in self.booked if e.status in COUNTS]
        those = [
            each
            for each in [*counted, *self.held]
            if each is not but
            and (each.kind, each.host) == (kind, host)
            and each.start // WEEK == start // WEEK
        ]
        return kind in MOST and len(those) >= MOST[kind]

    def takers(self) -> list[Any]:
        """What takes the time of its host."""
        return [e for e in self.booked if e.status in TAKES_TIME] + list(self.held)

    def free(self, kind: str, start: int, long: int, but: Any = None) -> list[int]:
        """The hosts who have nothing else then, and whose day is not full."""
        busy = {
            each.host
            for each in self.takers()
            if each is not but
            for moment in range(each.start, each.start + each.long)
            if start <= moment < start + long
        }
        return [
            host
            for host in range(HOSTS)
            if host not in busy and not self.is_full(kind, start, host, but)
        ]

    def slots(
        self, kind: str, start: int, long: int, but: Any = None
    ) -> Iterator[tuple[int, list[int]]]:
        """The slots from a moment on, without an end."""
        while True:
            free = self.is_slot(start, long) and self.free(kind, start, long, but)
            if free:
                yield start, free
            start += 1

    def choose(self, kind: str, start: int, long: int, its: Any) -> int:
        """Who holds it. Raises `RefusedError`."""
        if not self.is_slot(start, long):
            raise RefusedError("no slot")
        free = self.free(kind, start, long, its)
        if not free:
            found = self.slots(kind, start, long, its)
            raise RefusedError("taken", tuple(next(found)[0] for _ in range(3)))
        if isinstance(its, Booked) and its.host in free:
            return its.host

        def waits(host: int) -> tuple[int, int, int]:
            turns = [e.turn for e in self.booked if (e.kind, e.host) == (kind, host)]
            return len(turns), max(turns, default=-1), host

        return min(free, key=waits)

    def hold(self, kind: str, visitor: str, start: int, long: int) -> Held:
        """A new hold, which ends that of the visitor before. Raises `RefusedError`."""
        before = self.of(kind, visitor)
        made = Held(kind, visitor, start, long, self.choose(kind, start, long, before))
        self.held = [each for each in self.held if each is not before]
        self.held.append(made)
        return made

    def of(self, kind: str, visitor: str) -> Held | None:
        """The hold of a visitor."""
        those = [e for e in self.held if (e.kind, e.visitor) == (kind, visitor)]
        return those[0] if those else None

    def book(
        self, kind: str, start: int, long: int, held: Held | None = None
    ) -> Booked:
        """A new booking, by a hold if there is one. Raises `RefusedError`."""
        if held is None:
            host = self.choose(kind, start, long, None)
        elif (held.kind, held.start, held.long) != (kind, start, long):
            raise RefusedError("held otherwise")
        else:
            host = held.host
            self.held.remove(held)
        status = "pending" if kind == "asks" else "confirmed"
        made = Booked(kind, start, long, host, status, len(self.booked))
        self.booked.append(made)
        return made

    def move(self, its: Booked, start: int, long: int | None) -> None:
        """Moves a booking. Raises `RefusedError`."""
        if its.status not in ("pending", "confirmed"):
            raise RefusedError("state")
        long = its.long if long is None else long
        if (start, long) != (its.start, its.long):
            its.host = self.choose(its.kind, start, long, its)
            its.start, its.long = start, long

    def act(self, its: Booked, verb: str) -> None:
        """Lets a booking come to stand otherwise. Raises `RefusedError`."""
        sources, becomes = ACTIONS[verb]
        is_early = verb in ("no_show", "held") and its.start > self.now
        if its.status not in sources or is_early:
            raise RefusedError("state")
        its.status = becomes
