"""The site as a whole: nothing is missing, and every link leads somewhere."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from edge.documentation.markdown import write
from edge.openapi.files import versions
from edge.portal.contents import sections
from edge.portal.search import search
from edge.portal.site import HTML, Site, make_site
from edge.portal.surface_facts import resources_of
from edge.portal.texts import docs_folder, resolver
from edge.problems import PROBLEMS
from edge.surface import public_services
from edge.transcoder.routes import routes_of
from edge.web.addresses import SEARCH
from edge.web.templating import Pages, open_pages
from tests.edge.every_place import PLACES
from tests.edge.portal.html_pages import Seen, read_page


@pytest.fixture(scope="module")
def pages() -> Pages:
    return open_pages()


@pytest.fixture(scope="module")
def site(pages: Pages) -> Site:
    return make_site(pages.environment, tuple(routes_of(public_services())))


@pytest.fixture(scope="module")
def written(site: Site) -> dict[str, str]:
    """All pages that are HTML, by their paths."""
    return {
        path: text.text for path, text in site.texts.items() if text.media_type == HTML
    }


@pytest.fixture(scope="module")
def seen(written: dict[str, str]) -> dict[str, Seen]:
    """What they say."""
    return {path: read_page(text) for path, text in written.items()}


def test_no_page_is_large(written: dict[str, str]) -> None:
    sizes = {path: len(gzip.compress(text.encode())) for path, text in written.items()}
    assert max(sizes.values()) < 40_000, max(sizes, key=lambda path: sizes[path])


def test_every_type_of_problem_has_the_page_that_its_uri_names(site: Site) -> None:
    for kind in PROBLEMS.values():
        page = site.texts[f"/problems/{kind.slug}"].text
        assert f"<b>{kind.status}</b> {kind.title}" in page


def test_every_guide_is_on_the_site(site: Site) -> None:
    guides = docs_folder() / "guides"
    for path in guides.rglob("*.md"):
        where = "/problems" if path.parent.name == "problems" else "/docs"
        assert f"{where}/{path.stem}" in site.texts


def test_every_link_leads_somewhere(
    site: Site, seen: dict[str, Seen], pages: Pages
) -> None:
    others = {place.path for place in PLACES}
    others |= {file.path for file in pages.files.values()}
    others |= {f"/openapi/{version}.json" for version in versions()}
    for path, page in seen.items():
        for link in (*page.links, *page.files):
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https", (path, link)
                continue
            target = parts.path or path
            assert target in site.texts or target in others, (path, link)
            if parts.fragment:
                assert parts.fragment in seen[target].anchors, (path, link)


def test_no_page_stands_where_the_search_is(site: Site) -> None:
    assert SEARCH not in site.texts


def test_links_of_the_markdown_lead_to_markdown(site: Site) -> None:
    files = {place.path for place in PLACES if "." in place.path}
    for path, text in site.texts.items():
        if not path.endswith(".md"):
            continue
        prose = re.sub(r"(?ms)^```.*?^```$", "", text.text)
        for link in re.findall(r"\]\((?!https:)([^()\s#]+)", prose):
            assert link in site.texts or link in files, (path, link)


def test_pages_are_sound(seen: dict[str, Seen]) -> None:
    for path, page in seen.items():
        tags = [tag for tag, _ in page.elements]
        assert len(set(page.anchors)) == len(page.anchors), f"anchors of {path} differ"
        assert tags.count("h1") == 1, path
        assert tags.count("main") == 1, path
        assert "style" not in tags, "which the policy would refuse"
        for tag, attributes in page.elements:
            assert "style" not in attributes, (path, tag)
            assert not any(name.startswith("on") for name in attributes), (path, tag)
            assert tag != "script" or attributes["src"].startswith("/files/"), path
            assert tag != "img" or "alt" in attributes, path


def test_each_page_says_what_it_is_about(site: Site) -> None:
    pages = [page for section in site.sections for page in section.pages]
    titles = [page.title for page in pages]
    assert len(set(titles)) == len(titles), "no two pages have the same title"
    for page in pages:
        assert 10 < len(page.summary) < 300, page.path


def test_a_link_to_no_page_is_a_fault() -> None:
    resolve = resolver("guides/errors.md", {"guides/searching.md": "/docs/searching"})
    assert resolve("searching.md#text") == "/docs/searching#text"
    assert resolve("https://example.com/x.md") == "https://example.com/x.md"
    assert resolve("#below") == "#below"
    with pytest.raises(ValueError, match=r"links to serach.md"):
        write("# T\n\nOne.\n\nSee [search](serach.md).\n", resolve)


def test_a_missing_guide_is_a_fault(
    pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.portal.contents.docs_folder", lambda: tmp_path)
    with pytest.raises(FileNotFoundError):
        sections(pages.environment)


def test_what_can_be_done_is_listed_in_one_order_for_all() -> None:
    standard = ["get", "search", "create", "update", "delete"]
    found = resources_of(routes_of(public_services()))
    assert len(found) > 6
    for each in found:
        there = [action for action in standard if action in each.actions]
        assert list(each.actions)[: len(there)] == there, each.name


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("webook", "Sending changes by webhooks"),
        ("pagnation", "Pagination"),
        ("idempotancy", "Idempotency"),
        ("authentcation", "Authentication"),
        ("rate limt", "Rate limits"),
        ("sandboks", "Trying everything in a sandbox"),
        ("oauht", "OAuth for apps"),
    ],
)
def test_the_search_finds_what_is_misspelt(site: Site, query: str, title: str) -> None:
    assert search(site.index, query)[0].page.title == title
