"""The form of the guides: titles, links, and problem documents that exist."""

import json
import re
from pathlib import Path

import pytest

from edge.problems import PROBLEMS
from tests.guides.json_with_gaps import GAP, parse
from tests.guides.pages import GUIDES, RUNNABLE, blocks_of, name_of, pages, prose_of

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_HTML = re.compile(r"<[a-z/!][^>]*>")
_PROBLEM_TYPE = re.compile(r"/problems/([a-z-]+)$")

each_page = pytest.mark.parametrize("page", pages(), ids=name_of)


def anchors(page: Path) -> set[str]:
    """What its headings are linked by: lower case, words joined by hyphens."""
    headings = _HEADING.findall(prose_of(page))
    return {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}


@each_page
def test_a_page_begins_with_its_title_and_a_sentence(page: Path) -> None:
    title, empty, summary, *_ = page.read_text().split("\n")
    assert re.fullmatch(r"# \S.*", title)
    assert not empty
    assert re.fullmatch(r"[A-Z`].*[.]", summary), "a sentence, on one line"
    assert len(_HEADING.findall(prose_of(page))) == len(anchors(page)), "twice"


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(prose_of(page)):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.is_relative_to(GUIDES), link
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


@each_page
def test_prose_has_no_html(page: Path) -> None:
    assert not _HTML.search(re.sub(r"`[^`\n]+`", "", prose_of(page)))


@each_page
def test_problems_that_are_shown_are_ours(page: Path) -> None:
    """Those too that no block can provoke."""
    known = {(kind.status, kind.slug, kind.title) for kind in PROBLEMS.values()}
    for block in blocks_of(page):
        shown = block.answer or block
        text = shown.text.partition("\n\n")[2] if shown.language == "http" else ""
        text = shown.text if shown.language == "json" else text
        document = parse(text) if text.strip() else None
        if not isinstance(document, dict):
            continue
        if found := _PROBLEM_TYPE.search(str(document.get("type"))):
            status, slug, title = (document["status"], found[1], document.get("title"))
            assert any(
                (status, slug) == kind[:2] and (title == kind[2] or GAP in document)
                for kind in known
            ), json.dumps(document)


def test_every_problem_has_its_page_and_no_other() -> None:
    slugs = {kind.slug for kind in PROBLEMS.values()}
    assert {page.stem for page in (GUIDES / "problems").glob("*.md")} == slugs


def test_every_problem_page_says_what_to_do() -> None:
    for page in (GUIDES / "problems").glob("*.md"):
        assert {"causes", "what-to-do", "retry"} <= anchors(page), page.name
        shown = [block.answer or block for block in blocks_of(page)]
        assert f"/problems/{page.stem}" in "".join(each.text for each in shown)


def test_every_page_is_reached_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in pages()
        for link in _LINK.findall(prose_of(page))
        if not link.startswith(("https://", "#"))
    }
    start = GUIDES / "getting-started.md"
    assert {page.resolve() for page in pages()} - linked <= {start}


def test_programs_that_are_shown_are_run() -> None:
    for page in pages():
        blocks = blocks_of(page)
        commands = "".join(each.text for each in blocks if each.language == "sh")
        for block in blocks:
            assert not block.file_name or block.file_name in commands
            assert block.language in RUNNABLE or block.answer is None
