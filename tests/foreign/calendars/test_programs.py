"""A calendar of meetings is read alike by programs that others wrote."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest

from tests.client import Client
from tests.end_to_end.scheduling.booked import (
    HALF,
    INVITEE,
    NINE,
    a_type,
    act,
    asked,
    moved,
)
from tests.end_to_end.scheduling.test_calendars import address, read
from tests.foreign.calendars import radicale
from tests.foreign.programs import run_node
from tests.harness.wire.ports import kept_port

# What breaks lines, values and characters, where it may be written.
PLACE = "Köln; 1, Rue de l'Église \\ 👩‍👩‍👧‍👦" + " é" * 60
NAMES = ("Ada King Lovelace", "Zoë; DROP, EVENT", "李 明", "👩‍👩‍👧‍👦 Family")

pytestmark = pytest.mark.node


def in_python(calendar: bytes) -> list[dict[str, Any]]:
    """What the library `icalendar` reads of each meeting, by its UID."""
    events: Any = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    found = [
        {
            "uid": str(event["UID"]),
            "sequence": int(event["SEQUENCE"]),
            "starts_at": event.start,
            "ends_at": event.end,
            "status": str(event["STATUS"]),
            "summary": str(event["SUMMARY"]),
            "location": str(event["LOCATION"]),
            "description": str(event["DESCRIPTION"]),
        }
        for event in events
    ]
    return sorted(found, key=lambda each: str(each["uid"]))


def in_node(calendar: bytes) -> list[dict[str, Any]]:
    """What `ical.js` reads of each meeting, by its UID."""
    told = {"calendar": calendar.decode()}
    found = run_node("calendars/ical_js.mjs", told)
    for each in found:
        for name in ("starts_at", "ends_at"):
            each[name] = datetime.fromisoformat(each[name])
    return sorted(found, key=lambda each: str(each["uid"]))


def by_booking(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["uid"].partition("@")[0]: each for each in events}


def test_programs_read_the_same_meetings(owner: Client, tmp_path: Path) -> None:
    kind = a_type(owner, requires_confirmation=True)
    made = []
    for nth, name in enumerate(NAMES):
        invitee = INVITEE | {"name": name, "email": f"person{nth}@example.com"}
        place = {"kind": "address", "value": PLACE}
        given = asked(kind, NINE + nth * HALF, invitee=invitee)
        made.append(owner.create("/bookings", given | {"location": place}))
    act(owner, made[0], "confirm")
    path = address(owner)
    before = read(owner, path).body
    with radicale.served(tmp_path, kept_port()) as server:
        server.keep(before)
        kept = in_python(server.kept())
        assert in_python(before) == in_node(before) == kept
        assert {each["status"] for each in kept} == {"CONFIRMED", "TENTATIVE"}
        assert {each["location"] for each in kept} == {PLACE}
        in_time = sorted(kept, key=lambda each: str(each["starts_at"]))
        summaries = [each["summary"] for each in in_time]
        assert summaries == [f"First call: {name}" for name in NAMES]

        act(owner, made[1], "cancel", cancel_reason="Ill")
        assert moved(owner, made[0], NINE + HALF).status == 200
        after = read(owner, path).body
        server.keep(after)
        later = in_python(server.kept())
        assert in_python(after) == in_node(after) == later

    living = sorted(made[each]["id"] for each in (0, 2, 3))
    assert [each["uid"].partition("@")[0] for each in later] == living
    old, new = (its[made[0]["id"]] for its in map(by_booking, (kept, later)))
    assert new["sequence"] > old["sequence"]
    assert new["starts_at"] == (NINE + HALF).astimezone(UTC)
