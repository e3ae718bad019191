"""Made-up records: what a program sees first that is tried in a sandbox.

Each has its own number, so no two collide in what may be there once.
"""

import secrets
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


def email_template() -> dict[str, Any]:
    """A template that greets a contact by name."""
    text = "Hello {{ contact.first_name }}"
    return {**named(), "subject": f"Made up {number()}", "text": text}


def suppression() -> dict[str, Any]:
    """An address that gets no mail."""
    return {"address": f"made-up-{number()}@made-up.example"}


def webhook() -> dict[str, Any]:
    """A webhook that is switched off, so nothing is sent to its address."""
    url = f"https://example.com/made-up/{number()}"
    return {"url": url, "types": ["contact.created"], "active": False}
