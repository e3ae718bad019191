"""Markdown to HTML: what the guides use, and what nobody should be able to do by it."""

import pytest

from edge.documentation.markdown import Written, write

_START = "# A *title*\n\nWhat `it` is\nabout.\n\n"


def written(markdown: str) -> Written:
    return write(_START + markdown, lambda link: link)


def test_a_page_begins_with_its_title_and_what_it_is_about() -> None:
    page = written("Text.\n")
    assert page.title == "A title"
    assert page.summary == "What it is about."
    assert page.lead == "What <code>it</code> is\nabout."
    assert page.html == "<p>Text.</p>\n"


@pytest.mark.parametrize("markdown", ["", "Text.\n", "# T\n", "# T\n\n- one\n"])
def test_what_begins_otherwise_is_no_page(markdown: str) -> None:
    with pytest.raises(ValueError, match="no title"):
        write(markdown, lambda link: link)


def test_html_is_text_like_any_other() -> None:
    evil = "<script>alert(1)</script>"
    page = written(
        f"{evil}\n\n## {evil}\n\n| {evil} |\n|---|\n| `{evil}` |\n\n"
        f'```sh\n{evil}\n```\n\n```x"><b>\n{evil}\n```\n\n[x](javascript:alert(1))\n'
    )
    assert "<script" not in page.html
    assert "<b>" not in page.html
    assert 'href="javascript' not in page.html


def test_headings_have_anchors_as_github_makes_them() -> None:
    page = written("## A `b` & c!\n\n### Two words\n\n#### Four\n\n## Two words\n")
    assert [(each.level, each.anchor, each.title) for each in page.headings] == [
        (2, "a-b--c", "A b & c!"),
        (3, "two-words", "Two words"),
        (2, "two-words-1", "Two words"),
    ]
    assert '<h3 id="two-words"><a href="#two-words">Two words</a></h3>' in page.html
    assert 'id="four"' in page.html


def test_code_is_coloured_by_classes_and_kept_as_it_is() -> None:
    page = written('```json\n{"a": [1, ...]}\n```\n')
    assert '<span class="nt">"a"</span>' in page.html
    assert "style=" not in page.html
    assert page.passages[0].code == '{"a": [1, ...]}\n'


def test_what_follows_a_call_is_its_answer() -> None:
    call, answer = "```sh\ncurl\n```\n\n", "```json\n{}\n```\n"
    assert ">Answer<" in written(call + answer).html
    assert ">Answer<" not in written(answer).html
    assert ">Answer<" not in written(call + "Text.\n\n" + answer).html
    assert ">Answer<" not in written(call + call).html


def test_wide_tables_scroll_and_take_the_keyboard() -> None:
    page = written("| a |\n|---|\n| b |\n")
    assert '<div class="scroll" tabindex="0"' in page.html


def test_the_search_gets_the_text_below_each_heading() -> None:
    page = written("Intro\nmore.\n\n## One\n\n- a\n- `b`\n\n## Two\n\n> c\n")
    assert [(each.anchor, each.title, each.text) for each in page.passages] == [
        ("", "", "What it is about. Intro more."),
        ("one", "One", "a b"),
        ("two", "Two", "c"),
    ]
