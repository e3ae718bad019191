"""The addresses of the pages, and what their queries say."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from edge.web.visit import Visit

BOOK = "/book/<business>"
PAGE = f"{BOOK}/<name>"
LINK = f"{BOOK}/l/<link>"
BOOKING = f"{BOOK}/b/<secret>"
MOVE = f"{BOOKING}/move"
CANCEL = f"{BOOKING}/cancel"
CALENDAR = f"{BOOKING}/meeting.ics"

_MOST = 128  # characters of a part of a path


@dataclass(frozen=True, slots=True)
class At:
    """Where a visitor is: the path, and what the query asks for."""

    path: str
    query: Mapping[str, str]

    def to(self, **changes: str | int | None) -> str:
        """The same address with other values; None takes one out."""
        values = {**self.query, **changes}
        told = {name: value for name, value in values.items() if value}
        return f"{self.path}?{urlencode(told)}" if told else self.path


def at_of(visit: Visit, end: str = "") -> At:
    """Where a visitor is. `end` is what follows the address of a booking."""
    part = visit.path_values
    path = f"/book/{quote(part['business'][:_MOST], safe='')}"
    for name, between in (("name", ""), ("link", "l/"), ("secret", "b/")):
        if name in part:
            path += f"/{between}{quote(part[name][:_MOST], safe='')}"
    given = visit.parameters
    names = ("tz", "minutes", "month", "day")
    query = {name: given.get(name)[:64] for name in names if given.get(name)}
    return At(f"{path}{end}", query)
