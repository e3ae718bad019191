"""Slots beside bookings of other meeting types, with all their buffers and busy times,
against the model that looks at each minute."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.scheduling.booked import INVITEE, act, asked, is_taken, moved
from tests.end_to_end.scheduling.kept import MONDAY, hours, me, meeting, moment, slots
from tests.rounds import rounds
from tests.services.scheduling.by_minutes import Asked, beginnings

DAYS = 9
ZONES = ("Etc/UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
BUFFERS = (0, 0, 5, 20, 90, 720)
LIMITS = (None, 1, 2, 4)
MINUTE = timedelta(minutes=1)
_1970 = datetime.fromisoformat("1970-01-01T00:00:00Z")


def _minute(text: str) -> int:
    return (datetime.fromisoformat(text) - _1970) // MINUTE


FIRST = _minute(moment(MONDAY))


def _text(minute: int) -> str:
    return moment(_1970 + minute * MINUTE)


END = _text(FIRST + DAYS * 1_440)


@dataclass(slots=True)
class Calendar:
    """A host with hours, and what is known of their time.

    `taken` has what bookings take by their ids: from, to, and the two buffers, in
    minutes since 1970.
    """

    owner: Client
    draws: random.Random
    zone: str
    week: dict[int, list[tuple[int, int]]]
    kinds: list[Any] = field(default_factory=list)
    busy: list[tuple[int, int, int, int]] = field(default_factory=list)
    taken: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    kind_of: dict[str, str] = field(default_factory=dict)

    def add_kind(self) -> None:
        number, draws = len(self.kinds), self.draws
        given = {
            "slug": f"kind-{number}",
            "durations": [draws.choice((10, 30, 45, 120))],
            "slot_interval": draws.choice((10, 15, 35, 60)),
            "buffer_before": draws.choice(BUFFERS),
            "buffer_after": draws.choice(BUFFERS),
            "max_per_day": draws.choice(LIMITS),
        }
        made = self.owner.create("/meeting_types", meeting(me(self.owner), **given))
        self.kinds.append(made)

    def add_busy(self) -> None:
        begin = FIRST + self.draws.randrange(DAYS * 1_440)
        end = begin + self.draws.choice((1, 30, 400))
        times = {"starts_at": _text(begin), "ends_at": _text(end)}
        self.owner.create("/busy_times", {"user_id": me(self.owner), **times})
        self.busy.append((begin, end, 0, 0))

    def expected(self, kind: Any, but: str = "") -> list[str]:
        """The beginnings of all slots, by the model."""
        taken = [each for name, each in self.taken.items() if name != but]
        its = Asked(
            self.zone,
            self.week,
            {},
            [*self.busy, *taken],
            kind["durations"][0],
            kind["slot_interval"],
            kind["buffer_before"],
            kind["buffer_after"],
            [
                span[0]
                for name, span in self.taken.items()
                if name != but and self.kind_of[name] == kind["id"]
            ],
            kind["max_per_day"],
        )
        return [_text(each) for each in beginnings(its, FIRST, FIRST + DAYS * 1_440)]

    def keep(self, made: Any, kind: Any) -> None:
        span = _minute(made["starts_at"]), _minute(made["ends_at"])
        self.taken[made["id"]] = (*span, kind["buffer_before"], kind["buffer_after"])
        self.kind_of[made["id"]] = kind["id"]

    def book(self) -> None:
        """A slot, twice: the second time it is taken, and the next ones are told."""
        kind = self.draws.choice(self.kinds)
        free = self.expected(kind)
        if not free:
            return
        made = self.owner.create("/bookings", self.asked(kind, self.draws.choice(free)))
        self.keep(made, kind)
        again = self.owner.post("/bookings", self.asked(kind, made["starts_at"]))
        assert is_taken(again)
        begins = [each["starts_at"] for each in again.json["next"]]
        later = [each for each in self.expected(kind) if each >= made["starts_at"]]
        assert [each for each in begins if each < END] == later[:3]

    def asked(self, kind: Any, at: str) -> dict[str, Any]:
        address = f"guest{self.draws.randrange(3)}@example.com"
        given = asked(kind, invitee=INVITEE | {"email": address})
        return given | {"starts_at": at}

    def move(self) -> None:
        """Also to a time that overlaps its own."""
        if not self.taken:
            return
        its = self.draws.choice(sorted(self.taken))
        told = self.owner.get(f"/bookings/{its}").json
        (kind,) = (e for e in self.kinds if e["id"] == told["meeting_type_id"])
        free = self.expected(kind, but=its)
        if free:
            near = [each for each in free if each > told["starts_at"]] or free
            to = self.draws.choice((self.draws.choice(free), near[0]))
            answer = moved(self.owner, {"id": its}, datetime.fromisoformat(to))
            assert (answer.status, answer.json["starts_at"]) == (200, to)
            if to != told["starts_at"]:
                self.keep(answer.json, kind)

    def cancel(self) -> None:
        if self.taken:
            its = self.draws.choice(sorted(self.taken))
            act(self.owner, {"id": its}, "cancel")
            del self.taken[its]

    def change_rules(self) -> None:
        """The buffers of what is booked stay."""
        kind = self.draws.choice(self.kinds)
        before, most = self.draws.choice(BUFFERS), self.draws.choice(LIMITS)
        given = {"buffer_before": before, "max_per_day": most}
        kind |= self.owner.patch(f"/meeting_types/{kind['id']}", given).json

    def agrees(self) -> None:
        for kind in self.kinds:
            found = slots(self.owner, kind, days=DAYS)
            assert [each["starts_at"] for each in found] == self.expected(kind)


@pytest.mark.parametrize("seed", range(rounds("BOOKED_SLOTS")))
def test_slots_leave_what_is_booked_its_distance(owner: Client, seed: int) -> None:
    draws = random.Random(seed)
    begin = draws.choice((0, 430, 540))
    long = draws.choice((60, 300, 1_430 - begin))  # to the end they had no beginning
    week = {day: [(begin, begin + long)] for day in range(draws.choice((1, 5, 7)))}
    intervals = [
        {"weekday": day, "from": _clock(its[0][0]), "to": _clock(its[0][1])}
        for day, its in week.items()
    ]
    zone = draws.choice(ZONES)
    owner.create("/schedules", hours(me(owner), time_zone=zone, intervals=intervals))
    calendar = Calendar(owner, draws, zone, week)
    for _ in range(2):
        calendar.add_kind()
    for _ in range(12):
        steps = [calendar.book] * 5 + [calendar.move] * 3 + [calendar.cancel]
        steps += [calendar.add_busy, calendar.change_rules]
        draws.choice(steps)()
        calendar.agrees()


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
