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


@dataclass(frozen=True, slots=True)
class Variant:
    """A block of code in another language.

    `key` is the choice of readers, `language` what the code is written in.
    """

    key: str
    title: str
    language: str
    code: str


Variants = Callable[[str], Sequence[Variant]]


def write(
    markdown: str,
    resolve: Callable[[str], str],
    variants: Variants = lambda _: (),
) -> Written:
    """Writes a page.

    Args:
        markdown: The page.
        resolve: Gives the address that a link of the page stands for.
        variants: Gives the languages that a block of shell is shown in, if any.

    Raises:
        ValueError: It does not begin with a title and a paragraph.
    """
    parser = _parser(resolve, variants)
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


def _parser(resolve: Callable[[str], str], variants: Variants) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")

    def link_open(
        renderer: RendererHTML, tokens: Sequence[Token], at: int, *_: object
    ) -> str:
        token = tokens[at]
        token.attrSet("href", resolve(str(token.attrGet("href"))))
        return str(renderer.renderToken(tokens, at, parser.options, {}))

    def fence(
        renderer: RendererHTML, tokens: Sequence[Token], at: int, *_: object
    ) -> str:
        found = variants(tokens[at].content) if tokens[at].info == "sh" else ()
        return _samples(found, at) if found else _fence(renderer, tokens, at)

    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    parser.add_render_rule("link_open", link_open)
    parser.add_render_rule("fence", fence)
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


def _samples(variants: Sequence[Variant], at: int) -> str:
    """A block in several languages; radio buttons choose one, without a script."""
    choices = "".join(
        f'<input type="radio" name="sample-{at}" id="sample-{at}-{each.key}"'
        f' value="{each.key}"{" checked" if each is variants[0] else ""}>'
        f'<label for="sample-{at}-{each.key}">{each.title}</label>'
        for each in variants
    )
    codes = "".join(
        f'<div class="code sample in-{each.key}"><pre tabindex="0"><code>'
        f"{highlight(each.code, each.language)}</code></pre></div>"
        for each in variants
    )
    return (
        '<fieldset class="samples"><legend class="unseen">Sample in</legend>'
        f"{choices}{codes}</fieldset>\n"
    )


def _table_open(_: RendererHTML, __: Sequence[Token], ___: int, *____: object) -> str:
    return '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n'


def _table_close(_: RendererHTML, __: Sequence[Token], ___: int, *____: object) -> str:
    return "</table></div>\n"


_RULES = {
    "heading_open": _heading_open,
    "heading_close": _heading_close,
    "table_open": _table_open,
    "table_close": _table_close,
}
