"""HTML that is kept runs nothing, stays as it is when it is cleaned again, and keeps
its Liquid."""

import time
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.texts.html import MOST_DEPTH, clean
from services.texts.plain import plain_text
from services.texts.refused import Refused
from services.texts.written import clean_template
from tests.rounds import rounds

MOST_SECONDS = 2
_SIZE = 256 * 1024


class Judge(HTMLParser):
    """Refuses what an e-mail must not have, by rules of its own."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in (
            *(
                "script",
                "style",
                "form",
                "input",
                "button",
                "iframe",
                "object",
                "embed",
            ),
            *("svg", "math", "link", "meta", "base", "video", "audio", "textarea"),
        )
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in (
                "srcset",
                "formaction",
                "action",
                "srcdoc",
                "background",
            )
            if name == "href":
                assert (value or "").lower().startswith(("http:", "https:", "mailto:"))
            if name == "src":
                assert (value or "").lower().startswith(("https:", "cid:"))
            if name == "style":
                told = (value or "").lower()
                assert "position" not in told
                assert "expression" not in told
                assert "url(" not in told


def judge(html: str) -> None:
    reader = Judge()
    reader.feed(html)
    reader.close()


_TAGS = st.sampled_from(
    (
        *("a", "b", "p", "div", "table", "tr", "td", "ul", "li", "img", "script"),
        *("style", "svg", "math", "form", "input", "iframe", "title", "noscript"),
        *("template", "textarea", "select", "option", "font", "span", "h1", "body"),
        *("html", "base", "object"),
    )
)
_URLS = st.sampled_from(
    (
        *("https://a.example/x?y=1&z=2", "http://a.example", "mailto:a@b.example"),
        *(
            "cid:part1",
            "javascript:alert(1)",
            " java\tscript:alert(1)",
            "data:text/html,x",
        ),
        *("JAVASCRIPT:a", "//a.example", "/x", "#x", "vbscript:a", "&#106;avascript:a"),
        *("\x01javascript:a", "https:javascript:a", "x"),
    )
)
_STYLES = st.sampled_from(
    (
        *("color:red", "position:fixed", "background:url(javascript:a)", "width:1px;"),
        *("color:expression(a)", "font-family:'x;y'", "}{", "color:url(https://x)"),
        "background-color:red;behavior:url(x)",
        "color:u\\72l(https://x)",
        "color:rgb(1,2,3)",
    )
)
_ATTRIBUTES = st.one_of(
    st.builds(' href="{}"'.format, _URLS),
    st.builds(" src='{}'".format, _URLS),
    st.builds(' style="{}"'.format, _STYLES),
    st.sampled_from(
        (" onclick=a()", " ONLOAD='a'", " title='<b'", " /", " srcset=x", " x")
    ),
)
_PARTS = st.one_of(
    st.builds(
        lambda tag, attributes: f"<{tag}{''.join(attributes)}>",
        _TAGS,
        st.lists(_ATTRIBUTES, max_size=3),
    ),
    _TAGS.map("</{}>".format),
    st.sampled_from(
        ("x", " ", "&lt;", "<", ">", "<!--", "-->", "--!>", "<![CDATA[", "]]>")
    ),
    st.sampled_from(('"', "'", "<script>alert(1)</script>", "</title><img src=x>")),
)
_HTML = st.lists(_PARTS, max_size=20).map("".join)


@settings(max_examples=rounds("TEMPLATES"), deadline=None, database=None)
@given(html=_HTML)
def test_no_script_survives_and_what_is_clean_stays(html: str) -> None:
    with suppress(Refused):
        cleaned = clean(html)
        judge(cleaned)
        assert clean(cleaned) == cleaned
        plain_text(cleaned)


_ROWS = "{% for i in a %}<tr><td>{{ i }}</td></tr>{% endfor %}"
_LIQUID = st.sampled_from(
    (
        *("{{ a }}", "{{ 'x' | append: \"<b>\" }}", "{% if a < 3 %}", "{% endif %}"),
        *("{% for i in (1..2) %}", "{% endfor %}", "{{ 'a > b' }}"),
    )
)


@settings(max_examples=rounds("TEMPLATES"), deadline=None, database=None)
@given(html=st.lists(st.one_of(_PARTS, _LIQUID), max_size=20).map("".join))
def test_a_kept_template_stays_as_it_is(html: str) -> None:
    with suppress(Refused):
        kept = clean_template(html)
        assert clean_template(kept) == kept


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>{% if a < 3 %}x{% endif %}</p>", "<p>{% if a < 3 %}x{% endif %}</p>"),
        ("<a href='{{ a }}'>x</a>", '<a href="{{ a }}">x</a>'),
        ("<a href='javascript:{{ a }}'>x</a>", None),
        ("<p style='position:{{ a }}'>x</p>", None),
        ("<script>{{ a }}</script>", None),
        ("<b {% if a %}title=x{% endif %}>x</b>", None),
        (
            f"<table><tbody>{_ROWS}</tbody></table>",
            f"<table><tbody>{_ROWS}</tbody></table>",
        ),
        ("{% if a %}\n<p>x", None),
    ],
)
def test_liquid_stays_or_is_refused(html: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(Refused):
            clean_template(html)
    else:
        assert clean_template(html) == kept


@pytest.mark.parametrize(
    "part",
    [
        *("<div>", "<b>", "<b></p>", "<b><div></b>", "<ul><li>", "<a><div>", "<p>"),
        *("<li><dt>x</body>", "<i><table>", "<td>", "&amp;", "<b a=1>", "<!--", "x<"),
    ],
)
def test_html_that_is_slow_to_read_is_refused(part: str) -> None:
    attributes = "<b " + " ".join(f"a{n}" for n in range(40_000)) + ">"
    hidden = "<b ' a=\" ' > \" " + attributes[3:]
    for html in (
        (part * _SIZE)[:_SIZE],
        "<div>" * 90 + part * 4_900,
        attributes,
        hidden,
    ):
        start = time.process_time()
        with suppress(Refused):
            clean(html)
        assert time.process_time() - start < MOST_SECONDS


def test_elements_are_so_deep_in_each_other_and_no_deeper() -> None:
    html = "<div>" * MOST_DEPTH + "x" + "</div>" * MOST_DEPTH
    assert clean(html) == html
    with pytest.raises(Refused):
        clean(f"<div>{html}</div>")


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<h1>Hi  you</h1><p>One<br>two</p>", "Hi you\n\nOne\ntwo"),
        ('<a href="https://x.example/y">here</a>', "here (https://x.example/y)"),
        ('<a href="https://x.example">https://x.example</a>', "https://x.example"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        (
            "<ul><li>a</li><li>b<ol start=3><li>c</li></ol></li></ul>x",
            "- a\n- b\n  3. c\n\nx",
        ),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("<pre>  a\n   b</pre>", "  a\n   b"),
        ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
        ('<img src="https://x" alt="A picture">', "A picture"),
        ("a &lt; b&nbsp;&amp; c", "a < b & c"),
    ],
)
def test_plain_text_says_what_html_shows(html: str, told: str) -> None:
    assert plain_text(clean(html)) == told
