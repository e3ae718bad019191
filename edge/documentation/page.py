"""A page of the documentation: a guide, a problem, or a part of the reference."""

from collections.abc import Callable
from dataclasses import dataclass

# The address of this server in texts. The server writes its own address in its place.
HERE = "http://127.0.0.1:8080"
# Where its gRPC services are, likewise.
GRPC_HERE = "127.0.0.1:50051"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a page, and the anchor that leads to it."""

    level: int
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The text and code below a heading; the first passage has no anchor.

    `path`: where it is if it has a page of its own.
    """

    anchor: str
    title: str
    text: str
    code: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        path: Where it is, e.g. `/docs/errors`.
        title: Its title, which is also its name in lists.
        summary: What it is about, in a sentence of plain text.
        lead: The summary as HTML.
        html: All that comes below.
        headings: Those of levels 2 and 3, for "On this page".
        passages: Its text, for the search.
        markdown: The page for those who would rather read that.
        template: What shows it.
        made: Makes what comes below when the page is first read; `html` is then empty.
        parts: The pages below it, which lists of pages leave out.
        mark: What stands beside its title in the list of those pages.
    """

    path: str
    title: str
    summary: str
    lead: str
    html: str
    headings: tuple[Heading, ...]
    passages: tuple[Passage, ...]
    markdown: str
    template: str = "portal/guide.html"
    made: Callable[[], str] | None = None
    parts: tuple["Page", ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together, in the order in which they are read.

    `apart`: they are so many that no other section is listed beside them.
    """

    title: str
    pages: tuple[Page, ...]
    apart: bool = False
