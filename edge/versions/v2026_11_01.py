"""2026-11-01: a search counts its matches only when asked to.

Before, `meta.total` was sent unless the search said `"include_total": false`.
"""

from datetime import date

from edge.transcoder.routes import Route
from edge.versions.contracts import Change, JsonObject


def upgrade_request(route: Route, body: JsonObject) -> JsonObject:
    """Asks for the total on behalf of a client that had it unasked."""
    if route.is_search and body.get("include_total") is None:
        return {**body, "include_total": True}
    return body


# The answer to a search that asks for the total looks as it did before.
CHANGE = Change(date(2026, 11, 1), upgrade_request)
