"""What an operation is given where its descriptors do not tell enough."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.transcoder.routes import Route
from tests.client import Client
from tests.promises import booked

_NOW = datetime.now(UTC)
# A moment that has come, and not long ago: a webhook sends again from there.
RECENT = (_NOW - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
_SOON = (_NOW + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")

_BODIES: Mapping[str, Mapping[str, Any]] = {
    # No field of a planted fault is required, but some are of several.
    "faults": {"answer": 503, "for_requests": 1},
    "clock": {"advance": "P1D"},
    "slots": {"from": RECENT, "to": _SOON},
}


def said_body(
    route: Route, client: Client, given: Mapping[str, str]
) -> dict[str, Any] | None:
    """The body of such an operation, None for all others."""
    if not route.body_field:
        return None
    if route.makes_figures:
        return {"measures": [{"op": "count", "as": "count"}], **given}
    if route.path.endswith("/bookings"):
        return booked.request(client, **given)
    if route.path.endswith(("/reschedule", "/holds")):
        return {"starts_at": booked.time(), **given}
    body = _BODIES.get(route.path.rpartition("/")[2])
    return None if body is None else {**body, **given}
