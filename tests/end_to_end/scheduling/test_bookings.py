"""Bookings take slots, each once, and free them again."""

from datetime import timedelta
from typing import Any

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
from tests.end_to_end.scheduling.kept import moment, slots
from tests.end_to_end.scheduling.kept import times as times_of
from tests.world import let_transactions_end


def test_a_booking_takes_its_slot_and_invites_a_contact(owner: Client) -> None:
    kind = a_type(owner)
    assert times_of(slots(owner, kind)) == ["09:00", "09:30", "10:00", "10:30"]
    made = owner.create("/bookings", asked(kind))
    assert (made["status"], made["ends_at"][11:16]) == ("confirmed", "09:30")
    contact = owner.get(f"/contacts/{made['contact_id']}").json
    assert (contact["first_name"], contact["last_name"]) == ("Ada", "King Lovelace")
    assert contact["time_zone"] == made["time_zone"] == "Europe/London"
    activity = owner.get(f"/activities/{made['activity_id']}").json
    assert (activity["type"], activity["occurred_at"]) == ("meeting", made["starts_at"])
    assert times_of(slots(owner, kind)) == ["09:30", "10:00", "10:30"]
    taken = owner.post("/bookings", asked(kind))
    assert (taken.status, taken.json["type"].rpartition("/")[2]) == (409, "slot-taken")
    assert [each["starts_at"][11:16] for each in taken.json["next"]] == [
        "09:30",
        "10:00",
        "10:30",
    ]
    off = owner.post("/bookings", asked(kind, NINE + timedelta(minutes=10)))
    assert (off.status, off.codes) == (422, {"starts_at": "invalid"})


def test_moves_cancellations_and_wrong_moves(owner: Client) -> None:
    kind = a_type(owner, requires_confirmation=True)
    made = owner.create("/bookings", asked(kind))
    path = f"/bookings/{made['id']}"
    assert made["status"] == "pending"
    assert owner.post(f"{path}/held").status == 409
    assert owner.post(f"{path}/confirm").json["status"] == "confirmed"
    assert owner.post(f"{path}/held").status == 409  # it has not begun
    ten = {"starts_at": moment(NINE + timedelta(hours=1))}
    moved = owner.post(f"{path}/reschedule", ten)
    assert moved.status == 200, moved.body
    assert moved.json["starts_at"][11:16] == "10:00"
    assert times_of(slots(owner, kind)) == ["09:00", "09:30", "10:30"]
    gone = owner.post(f"{path}/cancel", {"cancel_reason": "Ill"})
    assert gone.status == 200, gone.body
    assert (gone.json["status"], gone.json["activity_id"]) == ("cancelled", None)
    assert owner.get(f"/activities/{made['activity_id']}").status == 404
    assert len(slots(owner, kind)) == 4
    assert owner.post(f"{path}/reschedule", ten).status == 409


@pytest.mark.parametrize("lacking", [None, "left out"])
@pytest.mark.parametrize("name", ["invitee", "starts_at"])
def test_nobody_is_invited_unless_named(
    owner: Client, name: str, lacking: str | None
) -> None:
    stranger = owner.create("/contacts", {"phone": "+44 20 7946 0958"})
    given: dict[str, Any] = {**asked(a_type(owner)), name: None}
    if lacking is not None:
        del given[name]
    answer = owner.post("/bookings", given)
    assert (answer.status, answer.codes) == (422, {name: "required"})
    assert owner.pages("/bookings") == []
    assert owner.get(f"/contacts/{stranger['id']}").json["last_contacted_at"] is None


def test_a_move_says_to_when(owner: Client) -> None:
    made = owner.create("/bookings", asked(a_type(owner)))
    answer = owner.post(f"/bookings/{made['id']}/reschedule", {"duration": 60})
    assert (answer.status, answer.codes) == (422, {"starts_at": "required"})


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada", "Ada", None),
        ("Ada\r\nBcc: x@y.example", "Ada", "Bcc: x@y.example"),
        ("Ada\tKing\u00a0 Lovelace", "Ada", "King Lovelace"),
        ("x" * 150, "x" * 100, "x" * 50),
        ("x" * 101 + " y", "x" * 100, "x y"),
    ],
)
def test_names_are_on_one_line_and_nothing_is_lost(
    owner: Client, name: str, first: str, last: str | None
) -> None:
    invitee = {**INVITEE, "name": name}
    made = owner.create("/bookings", asked(a_type(owner), invitee=invitee))
    contact = owner.get(f"/contacts/{made['contact_id']}").json
    assert (contact["first_name"], contact["last_name"]) == (first, last)


def test_changes_say_what_became_of_it(owner: Client) -> None:
    kind = a_type(owner, requires_confirmation=True)
    made = owner.create("/bookings", asked(kind))
    act(owner, made, "confirm")
    moved(owner, made, NINE + timedelta(hours=1))
    moved(owner, made, NINE + timedelta(hours=1), duration=60)
    owner.patch(f"/bookings/{made['id']}", {"external_ids": {"cal": "1"}})
    act(owner, made, "cancel")
    other = owner.create("/bookings", asked(kind))
    act(owner, other, "decline")
    let_transactions_end()
    body = {"resources": ["bookings"], "start": "earliest"}
    answer = owner.post("/changes/read", body)
    assert answer.status == 200, answer.body
    told = answer.json["data"]
    assert [each["type"].partition(".")[2] for each in told] == [
        "created",
        "confirmed",
        "rescheduled",
        "rescheduled",
        "updated",
        "cancelled",
        "created",
        "declined",
    ]


def test_a_key_books_once(owner: Client) -> None:
    kind, key = a_type(owner), {"Idempotency-Key": "book-1"}
    first = owner.post("/bookings", asked(kind), **key)
    again = owner.post("/bookings", asked(kind), **key)
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert len(owner.pages("/bookings")) == 1


def test_a_key_moves_once(owner: Client) -> None:
    """The first answer comes again, wherever the booking is by then."""
    kind = a_type(owner)
    made = owner.create("/bookings", asked(kind))
    path, key = f"/bookings/{made['id']}/reschedule", {"Idempotency-Key": "move-1"}
    ten, half = ({"starts_at": moment(NINE + n * HALF)} for n in (2, 3))
    first = owner.post(path, ten, **key)
    assert owner.post(path, half).status == 200
    owner.create("/bookings", asked(kind, NINE + 2 * HALF))
    again = owner.post(path, ten, **key)
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    other = owner.post(path, half, **key)
    assert other.json["type"].endswith("/idempotency-key-reused"), other.body
    assert owner.get(f"/bookings/{made['id']}").json["starts_at"] == half["starts_at"]


def test_an_erasure_takes_what_a_booking_tells_of_the_invitee(owner: Client) -> None:
    kind = a_type(owner)
    place = {"kind": "ask", "value": "At my home, 3 Elm Street"}
    made = owner.create("/bookings", asked(kind, location=place))
    erased = owner.post(f"/contacts/{made['contact_id']}/erase", {"reason": "asked"})
    assert erased.status == 200, erased.body
    assert erased.json["destroyed"]["bookings"] == 1
    left = owner.get(f"/bookings/{made['id']}").json
    told = left["location"], left["time_zone"], left["contact_id"]
    assert told == (None, None, None)
