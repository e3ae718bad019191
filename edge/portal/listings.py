"""The lists for programs: of pages for language models, and of addresses for crawlers.

`base` is the address of the site, without a path.
"""

from collections.abc import Sequence
from html import escape

from edge.documentation.page import Page, Section
from edge.web.addresses import DOCS, HOME

_ABOUT = (
    "# ProspectConnect API\n\n"
    "> The public API of a CRM: contacts, companies, deals with pipelines, tasks, "
    "notes and the activity timeline, over REST under `/v1` and over gRPC.\n\n"
    "Every request names a dated contract (`Version`). Writes take an "
    "`Idempotency-Key`, errors are problem documents (RFC 9457). Each page below is "
    "Markdown; all of them in one file: {base}/llms-full.txt\n"
)


def llms(sections: Sequence[Section], base: str) -> str:
    """The list of pages in the format of llmstxt.org."""
    parts = [_ABOUT.format(base=base)]
    for section in sections:
        lines = [
            f"- [{page.title}]({base}{page.path}.md): {page.summary}"
            for page in section.pages
        ]
        parts.append("\n".join([f"## {section.title}", "", *lines, ""]))
    return "\n".join(parts)


def llms_full(sections: Sequence[Section], base: str) -> str:
    """All pages, one after the other."""
    pages = _pages(sections)
    texts = [
        f"Source: {base}{page.path}\n\n{page.markdown.strip()}\n" for page in pages
    ]
    return "\n---\n\n".join([_ABOUT.format(base=base), *texts])


def _pages(sections: Sequence[Section]) -> list[Page]:
    """All pages, each before those below it."""
    pages = (page for section in sections for page in section.pages)
    return [each for page in pages for each in (page, *page.parts)]


def sitemap(sections: Sequence[Section], base: str) -> str:
    """The addresses of all pages (sitemaps.org)."""
    pages = [page.path for page in _pages(sections)]
    lines = "".join(
        f"  <url><loc>{escape(base + path)}</loc></url>\n"
        for path in (HOME, DOCS, *pages)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{lines}</urlset>\n"
    )


def robots(base: str) -> str:
    """The rules for crawlers: they may read the site, not the API or users' pages."""
    return (
        "User-agent: *\nDisallow: /v1/\nDisallow: /oauth/\nDisallow: /docs/search\n\n"
        f"Sitemap: {base}/sitemap.xml\n"
    )
