"""2026-11-01: a search counts its matches only when asked to.

Before, `meta.total` was sent unless the search said `"include_total": false`.
"""

from copy import deepcopy
from datetime import date

from edge.transcoder.routes import Route
from edge.versions.contracts import Change, JsonObject


def upgrade_request(route: Route, body: JsonObject) -> JsonObject:
    """Asks for the total on behalf of a client that had it unasked."""
    if route.is_search and body.get("include_total") is None:
        return {**body, "include_total": True}
    return body


def downgrade_document(document: JsonObject) -> JsonObject:
    """Says that searches count unless they are told not to."""
    document = deepcopy(document)
    schemas = document["components"]["schemas"]
    schemas["PageMeta"]["properties"]["total"]["description"] = (
        "The number of records that match, exact up to 100,000. Absent beyond, or when "
        "the search says `include_total: false`."
    )
    for schema in schemas.values():
        if asked := schema.get("properties", {}).get("include_total"):
            asked["default"] = True
            asked["description"] = "Whether to count all that match; true by default."
    return document


# The answer to a search that asks for the total looks as it did before.
CHANGE = Change(
    date(2026, 11, 1), upgrade_request, downgrade_document=downgrade_document
)
