"""Figures in words for assistants: what to ask for, and how filters are written."""

from typing import Any

from edge.transcoder.routes import Route

Json = dict[str, Any]

# How many groups an answer has. A row is short, and an assistant compares all of them.
DEFAULT_ROWS, MOST_ROWS = 25, 50

_TEXT = {"type": "string"}
_INTERVALS = ("day", "week", "month", "quarter", "year")
_OPS = ("count", "sum", "avg", "min", "max", "count_distinct", "median")
# The same as in the document, in fewer words: an assistant reads all of it each time.
_PLAIN: Json = {"type": "array", "items": {"type": "object"}}
_GROUPS: Json = {
    **_PLAIN,
    "description": f'Of {{"field", "interval", "time_zone"}}; {"|".join(_INTERVALS)}.',
}
_MEASURES: Json = {
    **_PLAIN,
    "description": 'Of {"op", "field", "as"}; op: ' + " ".join(_OPS) + ".",
}
_SHORT: Json = {
    "group_by": _GROUPS,
    "measures": _MEASURES,
    "search_text": _TEXT,
    "order_by": _TEXT,
    "sort_direction": {"enum": ("asc", "desc")},
    "fill": {"type": "boolean"},
}


_BODY = "AggregationBody"


def described(route: Route) -> str:
    """The description of a tool for figures; "" for any other."""
    if not route.makes_figures:
        return ""
    return f"Counts, sums and compares {route.collection} exactly, by group."


def suit_kept(properties: Json) -> None:
    """Says in the same few words what a record that keeps figures is given."""
    for name, schema in properties.items():
        if schema.get("$ref", "").rpartition("/")[2] == _BODY:
            about = schema.get("description", "")
            limit = {"type": "integer", "minimum": 1, "maximum": 1_000}
            parts = {"filters": _PLAIN, "having": _PLAIN}
            properties[name] = {
                "type": "object",
                "description": about,
                "properties": parts | _SHORT | {"limit": limit},
                "required": ["measures"],
            }


def suit(properties: Json, route: Route, tool: str) -> None:
    """Adapts the arguments of a tool for figures: fewer rows, plainer filters."""
    search = tool.replace("aggregate", "search", 1)
    if not route.makes_figures:
        search = f"search_{route.collection}"
    about = f"As those of {search}."
    properties["filters"] = {**_PLAIN, "description": about}
    if route.makes_figures:
        properties |= _SHORT
    if "having" in properties:
        properties["having"] = _PLAIN
    if "limit" in properties:
        bounds = {"maximum": MOST_ROWS, "default": DEFAULT_ROWS}
        properties["limit"] = {"type": "integer", **bounds}
