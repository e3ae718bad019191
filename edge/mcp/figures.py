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


def described(route: Route) -> str:
    """What the description of a tool says besides."""
    return _EXAMPLE if route.makes_figures else ""


def suit(properties: Json, route: Route, tool: str) -> None:
    """Adapts the arguments of a tool for figures: fewer rows, plainer filters."""
    search = tool.replace("aggregate", "search", 1)
    if not route.makes_figures:
        search = f"search_{route.collection}"
    plain = {"type": "array", "items": {"type": "object"}}
    about = f"Which records count: the conditions that `{search}` takes. All must hold."
    properties["filters"] = {**plain, "description": about}
    if "having" in properties:
        properties["having"] = {**plain, "description": _HAVING}
    if "limit" in properties:
        about = f"How many groups, 1 to {MOST_ROWS}; {DEFAULT_ROWS} by default."
        bounds = {"maximum": MOST_ROWS, "default": DEFAULT_ROWS, "description": about}
        properties["limit"] = {**properties["limit"], **bounds}
