"""Made-up records: what a program sees first that is tried in a sandbox.

Each has its own number, so no two collide in what may be there once.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

_FIRST = ("Ada", "Grace", "Mary", "Alan", "Emmy", "Karl", "Sofia", "Paul")
_LAST = ("Engine", "Compiler", "Series", "Machine", "Ring", "Curve", "Root", "Graph")
_CITIES = ("London", "Berlin", "Turin", "Leiden", "Porto", "Malmö")


def number() -> str:
    """A text that no other record has."""
    return secrets.token_hex(4)


def contact() -> dict[str, Any]:
    """A person. Nobody receives e-mail at `.example` (RFC 2606)."""
    first, last = secrets.choice(_FIRST), secrets.choice(_LAST)
    return {
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}.{number()}@made-up.example".lower(),
        "city": secrets.choice(_CITIES),
    }


def company() -> dict[str, Any]:
    """A company."""
    mark = number()
    name = f"{secrets.choice(_LAST)} Works {mark}"
    return {"name": name, "domain": f"works-{mark}.example"}


def deal() -> dict[str, Any]:
    """A deal, in the first stage of the default pipeline."""
    return {"name": f"Made-up deal {number()}", "value": 100 * secrets.choice(range(9))}


def named() -> dict[str, Any]:
    """A record that needs a name alone."""
    return {"name": f"Made up {number()}"}


def note() -> dict[str, Any]:
    """A note."""
    return {"body": f"Made up {number()}"}


def activity() -> dict[str, Any]:
    """A call."""
    return {"type": "call", "subject": f"Made up {number()}"}


def report() -> dict[str, Any]:
    """A report that everybody sees: of a private one nothing is told."""
    count = {"measures": [{"op": "count", "as": "contacts"}]}
    shown = {"chart": "number", "visibility": "tenant", "aggregate": count}
    return {**named(), "resource": "contacts", **shown}


def busy() -> dict[str, Any]:
    """An hour at which a user is busy."""
    day = f"2100-01-{secrets.choice(range(10, 30))}"
    return {"starts_at": f"{day}T09:00:00Z", "ends_at": f"{day}T10:00:00Z"}


def meeting_type() -> dict[str, Any]:
    """A meeting type without hosts, so nobody can book it."""
    return {**named(), "slug": f"made-up-{number()}", "durations": [30]}


def open_hours(user: str) -> dict[str, Any]:
    """Hours of a user without an end."""
    days = [{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(7)]
    return {"user_id": user, "time_zone": "Etc/UTC", "intervals": days}


def booking() -> dict[str, Any]:
    """A time within a year, at which hardly anything else is, and an invitee."""
    hours = secrets.choice(range(48, 7200))
    day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    starts_at = (day + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    who = contact()
    invitee = {
        "email": who["email"],
        "name": f"{who['first_name']} {who['last_name']}",
        "time_zone": "Europe/London",
    }
    return {"starts_at": starts_at, "invitee": invitee}


def place() -> dict[str, Any]:
    """Where a meeting takes place."""
    return {"location": {"kind": "phone", "value": "+44 20 7946 0958"}}


def email_template() -> dict[str, Any]:
    """A template that greets a contact by name."""
    text = "Hello {{ contact.first_name }}"
    return {**named(), "subject": f"Made up {number()}", "text": text}


def sender() -> dict[str, Any]:
    """An address from which nothing is sent, since it is one of a sandbox."""
    return {"address": f"made-up-{number()}@made-up.example"}


def letter() -> dict[str, Any]:
    """What an e-mail says that waits until nobody needs it any more."""
    moment = datetime.now(UTC) + timedelta(days=300)
    return {
        "subject": f"Made up {number()}",
        "text": "Hello",
        "send_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def suppression() -> dict[str, Any]:
    """An address that gets no mail."""
    return {"address": f"made-up-{number()}@made-up.example"}


def webhook() -> dict[str, Any]:
    """A webhook that is switched off, so nothing is sent to its address."""
    url = f"https://example.com/made-up/{number()}"
    return {"url": url, "types": ["contact.created"], "active": False}
