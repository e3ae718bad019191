"""Plain text made from cleaned HTML: paragraphs, headings, lists, cells, and links with
their addresses."""

import re
from html.parser import HTMLParser

# These begin and end a line; with an empty line around, those of the second kind.
_LINES = frozenset(
    (
        *("caption", "center", "dd", "div", "dt", "li", "table", "tbody", "tfoot"),
        *("thead", "tr"),
    )
)
_PARAGRAPHS = frozenset(
    (
        *("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p"),
        *("pre", "ul"),
    )
)
_SPACE = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_MOST_INDENT = 10


def plain_text(html: str) -> str:
    """The text of HTML. A link is told as `text (address)`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.told()


class _Reader(HTMLParser):
    """Collects the text of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._lists: list[int | None] = []  # the next number of each open list
        self._links: list[tuple[str, int]] = []  # its address, and where it begins
        self._kept = 0  # open elements whose spaces stay

    def told(self) -> str:
        lines = [each.strip(" \t") for each in "".join(self._parts).split("\n")]
        text = _EMPTY_LINES.sub("\n\n", "\n".join(lines))
        return text.replace("\xa0", " ").strip("\n ").replace(_INDENT, " ")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)
        given = dict(attrs)
        if tag == "br":
            self._parts.append("\n")
        elif tag == "hr":
            self._parts.append("---\n\n")
        elif tag in ("ul", "ol"):
            self._lists.append(_number(given.get("start")) if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()
        elif tag in ("td", "th"):
            self._parts.append(" ")
        elif tag == "img" and given.get("alt"):
            self._parts.append(given["alt"] or "")
        elif tag == "a" and given.get("href"):
            self._links.append((given["href"] or "", len(self._parts)))
        elif tag == "pre":
            self._kept += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._end_link()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre" and self._kept:
            self._kept -= 1
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._kept:
            self._parts.append(data.replace(" ", _INDENT))
            return
        text = _SPACE.sub(" ", data)
        last = self._parts[-1] if self._parts else "\n"
        self._parts.append(text[1:] if text[0] == " " and last[-1:] in " \n" else text)

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS and not self._lists:
            self._parts.append("\n\n")
        elif tag in _PARAGRAPHS or tag in _LINES:
            last = self._parts[-1] if self._parts else "\n"
            if not last.endswith("\n"):
                self._parts.append("\n")

    def _begin_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        indent = _INDENT * 2 * max(0, min(len(self._lists), _MOST_INDENT) - 1)
        if number is None:
            self._parts.append(f"{indent}- ")
        else:
            self._lists[-1] = number + 1
            self._parts.append(f"{indent}{number}. ")

    def _end_link(self) -> None:
        address, start = self._links.pop()
        text = "".join(self._parts[start:]).strip()
        bare = address.removeprefix("mailto:")
        if not text:
            self._parts.append(bare)
        elif text not in (address, bare):
            self._parts.append(f" ({bare})")


# Spaces at the beginning of a line that stay there.
_INDENT = "\x00"


def _number(text: str | None) -> int:
    return (
        int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
    )
