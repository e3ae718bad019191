"""What becomes of bookings, told without the product: times are half hours of a day.

Hosts work from half hour 0 to `LONG`, on one day of each week. Nothing is forgotten: a
list is looked through each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

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


class RefusedError(Exception):
    """Why something is not done: a word, and for a taken time the next free ones."""

    def __init__(self, why: str, free: tuple[int, ...] = ()) -> None:
        super().__init__(why)
        self.why, self.free = why, free


@dataclass
class Model:
    """The bookings in the order in which they were made. `now` is in half hours."""

    now: float = -1.0
    booked: list[Booked] = field(default_factory=list)

    def is_slot(self, start: int, long: int) -> bool:
        """Whether hours have room for it, and it has not begun."""
        return 0 <= start % WEEK <= LONG - long and start > self.now

    def is_full(self, kind: str, start: int, host: int, but: Booked | None) -> bool:
        """Whether a host has as many meetings of a type on a day as they may."""
        those = [
            each
            for each in self.booked
            if each is not but
            and (each.kind, each.host) == (kind, host)
            and each.status in COUNTS
            and each.start // WEEK == start // WEEK
        ]
        return kind in MOST and len(those) >= MOST[kind]

    def free(
        self, kind: str, start: int, long: int, but: Booked | None = None
    ) -> list[int]:
        """The hosts who have nothing else then, and whose day is not full."""
        busy = {
            each.host
            for each in self.booked
            if each is not but and each.status in TAKES_TIME
            for moment in range(each.start, each.start + each.long)
            if start <= moment < start + long
        }
        return [
            host
            for host in range(HOSTS)
            if host not in busy and not self.is_full(kind, start, host, but)
        ]

    def slots(
        self, kind: str, start: int, long: int, but: Booked | None = None
    ) -> Iterator[tuple[int, list[int]]]:
        """The slots from a moment on, without an end."""
        while True:
            free = self.is_slot(start, long) and self.free(kind, start, long, but)
            if free:
                yield start, free
            start += 1

    def choose(self, kind: str, start: int, long: int, its: Booked | None) -> int:
        """Who holds it. Raises `RefusedError`."""
        if not self.is_slot(start, long):
            raise RefusedError("no slot")
        free = self.free(kind, start, long, its)
        if not free:
            found = self.slots(kind, start, long, its)
            raise RefusedError("taken", tuple(next(found)[0] for _ in range(3)))
        if its is not None and its.host in free:
            return its.host

        def waits(host: int) -> tuple[int, int, int]:
            turns = [e.turn for e in self.booked if (e.kind, e.host) == (kind, host)]
            return len(turns), max(turns, default=-1), host

        return min(free, key=waits)

    def book(self, kind: str, start: int, long: int) -> Booked:
        """A new booking. Raises `RefusedError`."""
        host = self.choose(kind, start, long, None)
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
