"""The site: every page and list as text, and the index of the search.

In its texts, `HERE` stands for the server's address and is replaced when they are sent.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment

from edge.documentation.page import HERE, Page, Section
from edge.portal.listings import llms, llms_full, robots, sitemap
from edge.portal.search import Index, make_index
from edge.portal.surface_facts import resources_of
from edge.transcoder.routes import Route
from edge.web.addresses import CALLBACK, DOCS, HOME

HTML = "text/html; charset=utf-8"
_MARKDOWN = "text/markdown; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Text:
    """The content at an address; some is made when it is first read."""

    media_type: str
    content: str | Callable[[], str]

    @property
    def text(self) -> str:
        """The content."""
        return self.content if isinstance(self.content, str) else self.content()

    @property
    def takes_time(self) -> bool:
        """Whether it is still to be made."""
        return not isinstance(self.content, str)


@dataclass(frozen=True, slots=True)
class Site:
    """The site; `texts` are by path.

    `unlisted` are the paths of pages that no search must list: those of older
    contracts, which are almost equal to the newest ones.
    """

    sections: Sequence[Section]
    texts: Mapping[str, Text]
    index: Index
    unlisted: frozenset[str] = frozenset()


def make_site(environment: Environment, routes: Sequence[Route]) -> Site:
    """Makes the site; this is slow.

    Args:
        environment: The templates.
        routes: The operations of the API.

    Raises:
        ValueError: A text breaks a rule of pages.
        FileNotFoundError: A text is missing.
    """
    from edge.portal.contents import sections  # noqa: PLC0415 - slow to import
    from edge.reference.pages import older  # noqa: PLC0415 - slow to import

    found, before = sections(environment), older(environment)
    pages = [page for section in found for page in section.pages]
    unlisted = dict(_pages(environment, before))
    texts = {
        **dict(_pages(environment, found)),
        **unlisted,
        **dict(_others(environment, found, routes)),
    }
    return Site(found, texts, make_index(pages), frozenset(unlisted))


def _pages(
    environment: Environment, sections: Sequence[Section]
) -> Iterator[tuple[str, Text]]:
    """The pages of sections, each as HTML and as Markdown."""
    found = [(section, page) for section in sections for page in section.pages]
    around = [None, *(page for _, page in found), None]
    for number, (section, page) in enumerate(found):
        beside = {
            "sections": (section,) if section.apart else sections,
            "before": around[number],
            "after": around[number + 2],
        }
        for each in (page, *page.parts):
            yield _page(environment, each, beside)
            yield f"{each.path}.md", Text(_MARKDOWN, each.markdown)


def _page(
    environment: Environment, page: Page, beside: Mapping[str, object]
) -> tuple[str, Text]:
    """A page as HTML; one that takes time is made when it is first read."""
    path, template = page.path, page.template
    if page.made is None:
        return _html(environment, template, path, page=page, **beside)
    make = partial(_html, environment, template, path, page=page, **beside)
    return path, Text(HTML, lambda: make()[1].text)


def _others(
    environment: Environment, found: Sequence[Section], routes: Sequence[Route]
) -> Iterator[tuple[str, Text]]:
    """The pages that are made from no text, such as the front page, and the lists."""
    resources = resources_of(routes)
    yield _html(
        environment,
        "portal/front.html",
        HOME,
        resources=resources,
        operations=len(routes),
    )
    yield _html(environment, "portal/docs.html", DOCS, sections=found)
    yield _html(environment, "reference/callback.html", CALLBACK)
    yield "/llms.txt", Text(_PLAIN, llms(found, HERE))
    yield "/llms-full.txt", Text(_PLAIN, llms_full(found, HERE))
    yield "/sitemap.xml", Text(_XML, sitemap(found, HERE))
    yield "/robots.txt", Text(_PLAIN, robots(HERE))


def _html(
    environment: Environment, template: str, path: str, **values: object
) -> tuple[str, Text]:
    render: Callable[..., str] = environment.get_template(template).render
    return path, Text(HTML, render(path=path, **values))
