"""HTML as e-mails may have it: cleaned of scripts, forms, and addresses that run code.

`nh3` parses as browsers do and writes what is allowed anew. Its time grows with the
square of how deep elements are nested, so depth is bounded before it begins.
"""

import re

import nh3

from services.texts.refused import Refused, line_at

MOST_DEPTH, MOST_TAGS = 100, 5_000
# The longest tag: a reader compares each attribute with those before it.
MOST_TAG, MOST_WORDS = 8 * 1024, 200
# The reader's time grows with the square of how many characters are written as `&..;`.
MOST_REFERENCES = 20_000

_BLOCKS = "div p blockquote pre center h1 h2 h3 h4 h5 h6 hr ul ol li dl dt dd"
_TABLES = "table thead tbody tfoot tr td th caption colgroup col"
_WORDS = "a b strong i em u s small big sub sup span font br code img"
# HTML that is well-formed takes two.
_MOST_READINGS = 6
_TAGS = frozenset(f"{_BLOCKS} {_TABLES} {_WORDS}".split())
_DROPPED = frozenset(("script", "style", "title", "template", "noscript", "textarea"))
_OF_TABLES = frozenset(
    (
        *("width", "height", "align", "valign", "bgcolor", "border", "cellpadding"),
        *("cellspacing", "colspan", "rowspan", "role"),
    )
)
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "border"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    **{name: set(_OF_TABLES) for name in _TABLES.split()},
}
# None of them takes an address or moves an element out of its place.
_STYLES = frozenset(
    (
        *("background-color", "border-collapse", "border-radius", "border-spacing"),
        *("color", "direction", "display", "font-family", "font-size", "font-style"),
        *("font-weight", "height", "letter-spacing", "line-height", "max-width"),
        *("min-width", "text-align", "text-decoration", "text-transform"),
        *("vertical-align", "white-space", "width", "word-break"),
        *(f"border{side}" for side in ("", "-top", "-right", "-bottom", "-left")),
        *("border-color", "border-style", "border-width"),
        *(
            f"{space}{side}"
            for space in ("margin", "padding")
            for side in ("", "-top", "-right", "-bottom", "-left")
        ),
    )
)
_LINKS = re.compile(r"(https?|mailto):", re.IGNORECASE)
_IMAGES = re.compile(r"(https|cid):", re.IGNORECASE)

# What styles may call; others load addresses or run code, also in escaped spelling.
_COLOURS = re.compile(r"\b(rgba?|hsla?)\(", re.IGNORECASE)
_CALLS = re.compile(r"[(\\@]")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_BEGUN = re.compile(r"<[a-zA-Z]")
_BODIES = re.compile(r"</?tbody>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_QUOTED = re.compile(r"""=\s*("[^">]*>|'[^'>]*>)""")
# They hold nothing, or end where the next one begins.
_SHALLOW = frozenset(
    (
        *("area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li"),
        *("link", "meta", "p", "param", "source", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "track", "wbr"),
    )
)


def clean(html: str, mark: str = "") -> str:
    """The HTML with what e-mails may have. Raises `Refused` if it is too deep.

    What is written is read again until it stays: elements within each other where they
    may not be are put elsewhere by the next reader. An address that holds the `mark` is
    not known yet and stays. Of comments those stay that begin with it and a `c`.
    """
    has_bodies = "<tbody" in html.lower()
    for _ in range(_MOST_READINGS):
        check_depth(html)
        before, html = html, _read(html, mark)
        if not has_bodies:  # each reader adds them to tables, across loops too
            html = _BODIES.sub("", html)
        if html == before:
            return html
    raise Refused("Elements are in each other where they may not be.")


def _read(html: str, mark: str) -> str:
    read = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED),
        attributes=_ATTRIBUTES,
        attribute_filter=lambda tag, name, value: _kept(name, value, mark),
        strip_comments=not mark,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "cid"},
        filter_style_properties=set(_STYLES),
    )
    if not mark:
        return read
    known = f"<!--{mark}c"
    return _COMMENT.sub(lambda e: e[0] if e[0].startswith(known) else "", read)


def _kept(name: str, value: str, mark: str) -> str | None:
    """The value of an attribute; None where it may not be there."""
    if name == "style":
        return None if _CALLS.search(_COLOURS.sub("", value)) else value
    if name not in ("href", "src") or (mark and mark in value):
        return value
    allowed = _LINKS if name == "href" else _IMAGES
    told = value.strip()
    return told if allowed.match(told) else None


def check_depth(html: str) -> None:
    """Raises `Refused` for HTML that takes too long to read."""
    if html.count("&") > MOST_REFERENCES:
        message = f"HTML has at most {MOST_REFERENCES} of the characters & < and >."
        raise Refused(message)
    _check_tags(html)
    opened, depth, count = dict[str, int](), 0, 0
    for each in _TAG.finditer(html):
        count += 1
        name = each.group(2).lower()
        if count > MOST_TAGS:
            raise Refused(f"HTML has at most {MOST_TAGS} tags.")
        if name in _SHALLOW:
            continue
        if not each.group(1):
            depth, opened[name] = depth + 1, opened.get(name, 0) + 1
        elif opened.get(name):
            depth, opened[name] = depth - 1, opened[name] - 1
        if depth > MOST_DEPTH:
            message = f"Elements are at most {MOST_DEPTH} deep in each other."
            raise Refused(message, line_at(html, each.start()))


def _check_tags(html: str) -> None:
    """Refuses tags with very many attributes.

    Once no value has a `>`, each one ends a tag, or is text.
    """
    if quoted := _QUOTED.search(html):
        message = "Write &gt; for > within an attribute."
        raise Refused(message, line_at(html, quoted.start()))
    start = 0
    for part in html.split(">"):
        if tag := _BEGUN.search(part):
            inner = part[tag.start() :]
            if len(inner) > MOST_TAG or len(inner.split()) > MOST_WORDS:
                line = line_at(html, start + tag.start())
                raise Refused("This tag is too long.", line)
            if inner.count("/") + inner.count('"') + inner.count("'") > 4 * MOST_WORDS:
                line = line_at(html, start + tag.start())
                raise Refused("This tag has too many attributes.", line)
        start += len(part) + 1
