"""Markdown as the guides are written in it, to HTML. HTML in it is text like any other.

A page begins with its title and one paragraph that says what it is about.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from edge.documentation.highlight import NAMES, highlight
from edge.documentation.page import Heading, Passage

# The tokens of a heading, and those of a paragraph: opened, filled, closed.
_TITLE = ["heading_open", "inline", "heading_close"]
_LEAD = ["paragraph_open", "inline", "paragraph_close"]
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Written:
    """What Markdown comes to; see `edge.documentation.page.Page`."""

    title: str
    summary: str
    lead: str
    html: str
    headings: tuple[Heading, ...]
    passages: tuple[Passage, ...]


def write(markdown: str, resolve: Callable[[str], str]) -> Written:
    """Writes a page.

    Args:
        markdown: The page.
        resolve: Gives the address that a link of the page stands for.

    Raises:
        ValueError: It does not begin with a title and a paragraph.
    """
    parser = _parser(resolve)
    tokens = parser.parse(markdown)
    if [token.type for token in tokens[:6]] != [*_TITLE, *_LEAD]:
        raise ValueError(f"no title with a paragraph after it: {markdown[:60]!r}")
    title, lead, body = tokens[1], tokens[4], tokens[6:]
    headings = _anchored(body)
    return Written(
        title=_plain(title),
        summary=_plain(lead),
        lead=parser.renderer.render([lead], parser.options, {}),
        html=parser.renderer.render(body, parser.options, {}),
        headings=tuple(each for each in headings if each.level in (2, 3)),
        passages=tuple(_passages(_plain(lead), body)),
    )


def _parser(resolve: Callable[[str], str]) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")

    def link_open(
        renderer: RendererHTML, tokens: Sequence[Token], at: int, *_: object
    ) -> str:
        token = tokens[at]
        token.attrSet("href", resolve(str(token.attrGet("href"))))
        return str(renderer.renderToken(tokens, at, parser.options, {}))

    parser.add_render_rule("link_open", link_open)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _anchored(tokens: Sequence[Token]) -> list[Heading]:
    """The headings, each with an anchor as GitHub makes them."""
    headings: list[Heading] = []
    times: dict[str, int] = {}
    for token, filling in pairwise(tokens):
        if token.type == "heading_open":
            title = _plain(filling)
            anchor = _NOT_IN_ANCHORS.sub("", title.lower()).replace(" ", "-")
            times[anchor] = times.get(anchor, -1) + 1
            if times[anchor]:
                anchor = f"{anchor}-{times[anchor]}"
            token.attrSet("id", anchor)
            headings.append(Heading(int(token.tag[1]), anchor, title))
    return headings


def _passages(lead: str, tokens: Sequence[Token]) -> Iterator[Passage]:
    """The text below each heading, the lead before all."""
    anchor, title, texts, code = "", "", [lead], ""
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            yield Passage(anchor, title, " ".join(texts), code)
            anchor, title = str(token.attrGet("id")), _plain(tokens[number + 1])
            texts, code = [], ""
        elif token.type == "fence":
            code += token.content
        elif token.type == "inline" and tokens[number - 1].type != "heading_open":
            texts.append(_plain(token))
    yield Passage(anchor, title, " ".join(texts), code)


def _plain(token: Token) -> str:
    """The text of an inline token."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children or ()
    )


def _heading_open(
    _: RendererHTML, tokens: Sequence[Token], at: int, *__: object
) -> str:
    anchor = escape(str(tokens[at].attrGet("id")))
    return f'<{tokens[at].tag} id="{anchor}"><a href="#{anchor}">'


def _heading_close(
    _: RendererHTML, tokens: Sequence[Token], at: int, *__: object
) -> str:
    return f"</a></{tokens[at].tag}>\n"


def _fence(_: RendererHTML, tokens: Sequence[Token], at: int, *__: object) -> str:
    """A block of code. One that follows a call is its answer."""
    token, before = tokens[at], tokens[at - 1] if at else None
    language = token.info.partition(" ")[0]
    answers = language in ("json", "http", "text") and before is not None
    follows = answers and before is not None and before.type == "fence"
    name = "Answer" if follows else NAMES.get(language, "")
    kind = "code answer" if follows else "code"
    return (
        f'<div class="{kind}"><p class="language">{name}</p>'
        f'<pre tabindex="0"><code>{highlight(token.content, language)}</code></pre>'
        "</div>\n"
    )


def _table_open(_: RendererHTML, __: Sequence[Token], ___: int, *____: object) -> str:
    return '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n'


def _table_close(_: RendererHTML, __: Sequence[Token], ___: int, *____: object) -> str:
    return "</table></div>\n"


_RULES = {
    "heading_open": _heading_open,
    "heading_close": _heading_close,
    "fence": _fence,
    "table_open": _table_open,
    "table_close": _table_close,
}
