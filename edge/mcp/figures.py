"""Figures in words for assistants: what to ask for, and how filters are written."""

from typing import Any

from edge.transcoder.routes import Route

Json = dict[str, Any]

# How many groups an answer has. A row is short, and an assistant compares all of them.
DEFAULT_ROWS, MOST_ROWS = 25, 50

_EXAMPLE = (
    " Use it to count or to add up: it is exact, where adding up pages is not. To count"
    ' by a field: "group_by": [{"field": F}], "measures": [{"op": "count", "as": "n"}].'
    ' By month: {"field": F, "interval": "month"}. The largest groups come first with'
    ' "order_by": "n".'
)
_HAVING = (
    'Conditions on the figures of a group: {"field", "operator", "value"}, whose field'
    " is the `as` of a measure."
)
_TEXT = {"type": "string"}
_INTERVALS = ("day", "week", "month", "quarter", "year")
_OPS = ("count", "sum", "avg", "min", "max", "count_distinct", "median")
# The same as in the document, in fewer words: an assistant reads all of it each time.
_GROUPS: Json = {
    "type": "array",
    "maxItems": 3,
    "description": "Fields that a search filters by. Times need an interval.",
    "items": {
        "type": "object",
        "properties": {
            "field": _TEXT,
            "interval": {"enum": _INTERVALS},
            "time_zone": _TEXT,
        },
        "required": ["field"],
    },
}
_MEASURES: Json = {
    "type": "array",
    "minItems": 1,
    "maxItems": 10,
    "description": "`as` names the figure in the answer. Only count needs no field.",
    "items": {
        "type": "object",
        "properties": {"op": {"enum": _OPS}, "field": _TEXT, "as": _TEXT},
        "required": ["op", "as"],
    },
}
_SHORT: Json = {
    "group_by": _GROUPS,
    "measures": _MEASURES,
    "search_text": {"type": "string", "description": "As in a search."},
    "order_by": {
        "type": "string",
        "description": "A group's `field` or a measure's `as`.",
    },
    "sort_direction": {
        "enum": ("asc", "desc"),
        "description": "By default asc for a group, desc for a measure.",
    },
    "fill": {"type": "boolean", "description": "Tells empty intervals too."},
}


_PLAIN: Json = {"type": "array", "items": {"type": "object"}}
_BODY = "AggregationBody"


def described(route: Route) -> str:
    """What the description of a tool says besides."""
    return _EXAMPLE if route.makes_figures else ""


def suit_kept(properties: Json) -> None:
    """Says in the same few words what a record that keeps figures is given."""
    for name, schema in properties.items():
        if schema.get("$ref", "").rpartition("/")[2] == _BODY:
            about = schema["description"] + " Filters are those of its search."
            limit = {"type": "integer", "minimum": 1, "maximum": 1_000}
            parts = {"filters": _PLAIN, "having": {**_PLAIN, "description": _HAVING}}
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
    about = f"Which records count: the conditions that `{search}` takes. All must hold."
    properties["filters"] = {**_PLAIN, "description": about}
    if route.makes_figures:
        properties |= _SHORT
    if "having" in properties:
        properties["having"] = {**_PLAIN, "description": _HAVING}
    if "limit" in properties:
        about = f"How many groups, 1 to {MOST_ROWS}; {DEFAULT_ROWS} by default."
        bounds = {"maximum": MOST_ROWS, "default": DEFAULT_ROWS, "description": about}
        properties["limit"] = {**properties["limit"], **bounds}
