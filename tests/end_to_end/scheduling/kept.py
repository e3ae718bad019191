"""Schedules and meeting types that tests make."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.client import Client

ZONE = "America/New_York"
# Whole weeks from today on, within the window of 60 days, a Monday at midnight in UTC.
_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
MONDAY = _TODAY + timedelta(days=14 - _TODAY.weekday())


def moment(at: datetime) -> str:
    """A moment as requests write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def me(client: Client) -> str:
    """The id of the user behind a client, whom each record names that they make."""
    return str(client.create("/tasks", {"name": "Make schedules"})["created_by"])


def hours(user: str, **others: Any) -> dict[str, Any]:
    """A schedule of a user: 9 to 11 on Mondays, in UTC."""
    day = {"weekday": 0, "from": "09:00", "to": "11:00"}
    return {"user_id": user, "time_zone": "Etc/UTC", "intervals": [day], **others}


def meeting(*users: str, **others: Any) -> dict[str, Any]:
    """A meeting type of half an hour with hosts."""
    hosts = [{"user_id": each} for each in users]
    given = {"name": "First call", "slug": "first-call", "durations": [30, 60]}
    return {**given, "hosts": hosts, **others}


def always(owner: Client) -> Any:
    """A meeting type at any time of any day."""
    days = [{"weekday": n, "from": "00:00", "to": "24:00"} for n in range(7)]
    owner.create("/schedules", hours(me(owner), intervals=days))
    given = {"durations": [10], "window_days": 365}
    return owner.create("/meeting_types", meeting(me(owner), **given))


def slots(client: Client, made: Any, days: int = 7, **others: Any) -> list[Any]:
    """The slots of the week of `MONDAY`."""
    asked = {"from": moment(MONDAY), "to": moment(MONDAY + timedelta(days=days))}
    answer = client.post(f"/meeting_types/{made['id']}/slots", asked | others)
    assert answer.status == 200, answer.body
    found: list[Any] = answer.json["data"]
    return found


def times(found: list[Any]) -> list[str]:
    """The times of day at which slots begin, in UTC."""
    return [each["starts_at"][11:16] for each in found]
