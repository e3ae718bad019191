"""What a page of HTML says: its links, its anchors, the files that it needs."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Seen:
    """What stands in a page, in its order."""

    links: list[str] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.seen = seen

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.seen.elements.append((tag, found))
        if "id" in found:
            self.seen.anchors.append(found["id"])
        if tag == "a":
            self.seen.links.append(found["href"])
        elif "src" in found or tag == "link":
            self.seen.files.append(found.get("src") or found["href"])


def read_page(html: str) -> Seen:
    """Reads a page."""
    seen = Seen()
    reader = _Reader(seen)
    reader.feed(html)
    reader.close()
    return seen
