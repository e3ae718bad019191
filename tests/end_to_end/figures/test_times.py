"""Days begin where their zone says, also where clocks change."""

import pytest

from tests.client import Client
from tests.end_to_end.figures.asking import counts, rows

# Clocks in Berlin: an hour is left out on 2026-03-29, one comes twice on 2026-10-25.
MOMENTS = (
    "2026-03-28T22:59:59.999999Z",  # 23:59 of the 28th
    "2026-03-28T23:00:00Z",  # 00:00 of the 29th
    "2026-03-29T21:59:59Z",  # 23:59 of the 29th, which has 23 hours
    "2026-03-29T22:00:00Z",  # 00:00 of the 30th, a Monday
    "2026-10-24T22:00:00Z",  # 00:00 of the 25th, which has 25 hours
    "2026-10-25T22:59:59Z",  # 23:59 of the 25th
    "2026-10-25T23:00:00Z",  # 00:00 of the 26th, a Monday
    "2026-12-31T23:00:00Z",  # in the next year
)
BERLIN = {
    "day": {
        "2026-03-28": 1,
        "2026-03-29": 2,
        "2026-03-30": 1,
        "2026-10-25": 2,
        "2026-10-26": 1,
        "2027-01-01": 1,
    },
    "week": {
        "2026-03-23": 3,
        "2026-03-30": 1,
        "2026-10-19": 2,
        "2026-10-26": 1,
        "2026-12-28": 1,
    },
    "month": {"2026-03": 4, "2026-10": 3, "2027-01": 1},
    "quarter": {"2026-Q1": 4, "2026-Q4": 3, "2027-Q1": 1},
    "year": {"2026": 7, "2027": 1},
}
ACTIVITIES = [{"field": "source", "operator": "eq", "value": "api"}]


@pytest.fixture
def calls(owner: Client) -> Client:
    """The owner, who has made a call at each of the moments."""
    contact = owner.create("/contacts", {"email": "ada@engine.example"})["id"]
    for at in MOMENTS:
        body = {"type": "call", "occurred_at": at, "contact_id": contact}
        owner.create("/activities", body)
    return owner


@pytest.mark.parametrize("interval", BERLIN)
def test_days_begin_where_the_zone_says(calls: Client, interval: str) -> None:
    group = {"interval": interval, "time_zone": "Europe/Berlin"}
    told = counts(calls, "activities", "occurred_at", group=group, filters=ACTIVITIES)
    assert told == BERLIN[interval]


def test_gaps_are_filled_over_changes_of_the_clock(calls: Client) -> None:
    group = {"interval": "day", "time_zone": "Europe/Berlin"}
    days = counts(
        calls,
        "activities",
        "occurred_at",
        group=group,
        filters=ACTIVITIES,
        fill=True,
        limit=1_000,
    )
    assert len(days) == 280  # from 2026-03-28 to 2027-01-01, each once
    assert {day: n for day, n in days.items() if n} == BERLIN["day"]
    assert list(days) == sorted(days)


def test_the_first_and_the_last_moments_have_days(owner: Client) -> None:
    contact = owner.create("/contacts", {"email": "ada@engine.example"})["id"]
    for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"):
        body = {"type": "call", "occurred_at": at, "contact_id": contact}
        owner.create("/activities", body)
    for zone in ("America/New_York", "UTC", "Pacific/Kiritimati"):
        group = {"field": "occurred_at", "interval": "day", "time_zone": zone}
        (first, last) = rows(owner, "activities", group_by=[group], filters=ACTIVITIES)
        assert first["group"]["occurred_at"] == "0001-01-01"
        assert last["group"]["occurred_at"] == "9999-12-31"
