"""Which tools are destructive: those that take something away, for one record or many.

They say so by a hint, and ask for a confirmation. A change of one record is not
destructive: its history keeps the old values, and another change puts them back.
"""

from typing import Any

from edge.transcoder.routes import Route

CONFIRMATION = "confirmation"

# How the names of such tools begin, besides those of DELETE.
_BEGINNINGS = (
    *("batch", "cancel", "change", "clear", "create_import", "deactivate", "decline"),
    *("erase", "mark_booking_no_show", "merge", "purge", "replace", "reset", "revoke"),
    *("rotate", "undo"),
)

# A call with `dry_run` in its body writes nothing.
_WITH_DRY_RUN = frozenset(("create_import", "undo_import"))

_SAID = (
    f" {{when}} first tells what it would do, with a `{CONFIRMATION}` to call again."
)


def is_destructive(route: Route, name: str) -> bool:
    """Whether a tool is destructive. `name` is its own."""
    if route.only_reads:
        return False
    return route.http_method == "DELETE" or name.startswith(_BEGINNINGS)


def asks(route: Route, body: Any) -> bool:
    """Whether a call of a destructive tool needs a confirmation, by its body.

    A batch needs one if it deletes, and an import unless it is a dry run.
    """
    its = body if isinstance(body, dict) else {}
    if route.is_batch:
        operations = its.get("operations")
        each = operations if isinstance(operations, list) else []
        return any(isinstance(e, dict) and e.get("method") == "delete" for e in each)
    return its.get("dry_run") is not True


def described(route: Route, name: str) -> str:
    """What the description of a tool says besides."""
    if not is_destructive(route, name):
        return ""
    when = "If it deletes, it" if route.is_batch else "It"
    return _SAID.format(when="Without `dry_run` it" if name in _WITH_DRY_RUN else when)
