"""The site: every page and list as text, and the index of the search.

Texts say `http://127.0.0.1:8080` where they mean this server, as the guides do: whoever
sends one writes its own address there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from edge.portal.listings import llms, llms_full, robots, sitemap
from edge.portal.page import Page, Section
from edge.portal.search import Index, make_index
from edge.portal.surface_facts import resources_of
from edge.transcoder.routes import Route
from edge.web.addresses import CALLBACK, DOCS, HOME

HERE = "http://127.0.0.1:8080"

HTML = "text/html; charset=utf-8"
_MARKDOWN = "text/markdown; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Text:
    """What an address gives."""

    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Site:
    """The site; `texts` are by their paths."""

    sections: Sequence[Section]
    texts: Mapping[str, Text]
    index: Index


def make_site(environment: Environment, routes: Sequence[Route]) -> Site:
    """Makes the site, which takes a moment.

    Args:
        environment: The templates.
        routes: What there is to call.

    Raises:
        ValueError: A text is not as a page must be.
        FileNotFoundError: A text is missing.
    """
    from edge.portal.contents import sections  # noqa: PLC0415 - slow to import
    from edge.reference.pages import older  # noqa: PLC0415 - slow to import

    found = sections(environment)
    pages = [page for section in found for page in section.pages]
    texts = dict(_texts(environment, found, pages, routes))
    texts |= _unlisted(environment, found, older(environment))
    return Site(found, texts, make_index(pages))


def _texts(
    environment: Environment,
    found: Sequence[Section],
    pages: Sequence[Page],
    routes: Sequence[Route],
) -> Iterator[tuple[str, Text]]:
    html = _printer(environment, found)
    resources = resources_of(routes)
    yield html("front.html", HOME, resources=resources, operations=len(routes))
    yield html("docs.html", DOCS)
    around = [None, *pages, None]
    for number, page in enumerate(pages):
        before, after = around[number], around[number + 2]
        yield html(page.template, page.path, page=page, before=before, after=after)
        yield f"{page.path}.md", Text(_MARKDOWN, page.markdown)
    yield "/llms.txt", Text(_PLAIN, llms(found, HERE))
    yield "/llms-full.txt", Text(_PLAIN, llms_full(found, HERE))
    yield "/sitemap.xml", Text(_XML, sitemap(found, HERE))
    yield "/robots.txt", Text(_PLAIN, robots(HERE))


def _unlisted(
    environment: Environment, found: Sequence[Section], pages: Sequence[Page]
) -> Iterator[tuple[str, Text]]:
    """Pages that are found from others alone."""
    html = _printer(environment, found)
    for page in pages:
        yield html(page.template, page.path, page=page, before=None, after=None)
        yield f"{page.path}.md", Text(_MARKDOWN, page.markdown)
    yield html("reference_callback.html", CALLBACK)


def _printer(
    environment: Environment, found: Sequence[Section]
) -> Callable[..., tuple[str, Text]]:
    def html(template: str, path: str, **values: object) -> tuple[str, Text]:
        render: Callable[..., str] = environment.get_template(template).render
        return path, Text(HTML, render(sections=found, path=path, **values))

    return html
