"""2026-06-01: the first contract. Nothing came before, so nothing changed."""

from datetime import date

from edge.transcoder.routes import Route
from edge.versions.contracts import Change, JsonObject


def upgrade_request(route: Route, body: JsonObject) -> JsonObject:
    """Nothing to upgrade from."""
    return body


def downgrade_response(route: Route, body: JsonObject) -> JsonObject:
    """Nothing to downgrade to."""
    return body


CHANGE = Change(date(2026, 6, 1), upgrade_request, downgrade_response)
