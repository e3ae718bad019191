"""Reports and dashboards that tests make."""

from typing import Any

from tests.client import Client

COUNT = {"op": "count", "as": "contacts"}


def report(**others: Any) -> dict[str, Any]:
    """A report of contacts by source, which everybody sees."""
    aggregate = {"group_by": [{"field": "source"}], "measures": [COUNT]}
    given = {"name": "Contacts by source", "resource": "contacts", "chart": "bar"}
    return {**given, "aggregate": aggregate, "visibility": "tenant", **others}


def dashboard(*reports: Any, **others: Any) -> dict[str, Any]:
    """A dashboard with reports below each other."""
    items = [
        {"report_id": each["id"], "x": 0, "y": 2 * row, "w": 6, "h": 2}
        for row, each in enumerate(reports)
    ]
    return {"name": "Ours", "items": items, **others}


def contacts(client: Client, **by_source: int) -> None:
    """Makes contacts, so many of each source."""
    for source, number in by_source.items():
        for each in range(number):
            email = f"{source}-{each}@example.com"
            client.create("/contacts", {"email": email, "source": source})


def counted(answer: Any) -> dict[str | None, int]:
    """The figures of a run by source."""
    return {each["group"]["source"]: each["contacts"] for each in answer["data"]}
