"""The contents of the documentation, in their order; no other file defines them.

A section is a list of pages from any source; see `edge.documentation.page`.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from jinja2 import Environment

from edge.documentation.markdown import write
from edge.documentation.page import Page, Section
from edge.portal.curl_calls import variants_of
from edge.portal.problem_facts import all_facts
from edge.portal.texts import docs_folder, resolver
from edge.reference.pages import reference
from edge.web.addresses import DOCS, PROBLEMS

# Below `docs/guides`.
_GUIDES = (
    ("Start", ("getting-started", "authentication", "oauth", "records")),
    (
        "Model your data",
        (
            "own-fields",
            "own-objects",
            "schemas",
            "associations",
            "external-ids-and-upsert",
        ),
    ),
    (
        "Find",
        ("searching", "pagination", "answers", "figures", "reports", "duplicates"),
    ),
    ("Sell", ("deals-and-pipelines", "activities", "scheduling", "bookings")),
    ("Write to people", ("consent", "email-templates", "sending-email")),
    (
        "Stay in step",
        (
            "changes",
            "staying-in-step",
            "two-way-sync",
            "webhooks",
            "receiving-webhooks",
        ),
    ),
    ("Change much", ("batches", "merge", "dry-runs", "jobs", "sandboxes")),
    ("Know what happened", ("history", "undo", "erasure", "audit")),
    (
        "Rely on it",
        ("errors", "idempotency", "rate-limits", "versioning", "changelog"),
    ),
    ("Other ways in", ("clients", "command-line", "mcp", "grpc")),
    (
        "Move in",
        (
            "importing",
            "exporting",
            "coming-from-hubspot",
            "coming-from-pipedrive",
            "coming-from-salesforce",
        ),
    ),
)
# Below `docs`: written for the product's developers, and useful for integrators.
_DETAILS = ("behaviour",)

_LINK = re.compile(r"\]\(([^()\s]+)\)")


def sections(environment: Environment) -> tuple[Section, ...]:
    """All sections, in order.

    Raises:
        ValueError: A text breaks a rule of pages, or has a link to no page.
        FileNotFoundError: A text is missing.
    """
    folder, facts = docs_folder(), all_facts()
    addresses = _addresses(each.slug for each in facts)

    def page(name: str, above: str = "") -> Page:
        return _page(folder, name, addresses, above)

    problem = environment.get_template("portal/problem_facts.html").render
    return (
        *(
            Section(title, tuple(page(f"guides/{slug}.md") for slug in slugs))
            for title, slugs in _GUIDES
        ),
        reference(environment),
        Section("Details", tuple(page(f"{slug}.md") for slug in _DETAILS)),
        Section(
            "Problems",
            tuple(
                page(f"guides/problems/{each.slug}.md", problem(facts=each))
                for each in facts
            ),
        ),
    )


def _addresses(problems: Iterable[str]) -> dict[str, str]:
    """The address of each text on the site, by its path below `docs`."""
    guides = [slug for _, slugs in _GUIDES for slug in slugs]
    return {
        **{f"guides/{slug}.md": f"{DOCS}/{slug}" for slug in guides},
        **{f"{slug}.md": f"{DOCS}/{slug}" for slug in _DETAILS},
        **{f"guides/problems/{slug}.md": f"{PROBLEMS}/{slug}" for slug in problems},
    }


def _page(folder: Path, name: str, addresses: dict[str, str], above: str) -> Page:
    """A page of a text; `above` is HTML that precedes the text."""
    markdown = (folder / name).read_text(encoding="utf-8")
    resolve = resolver(name, addresses)
    written = write(markdown, resolve, variants_of)
    return Page(
        path=addresses[name],
        title=written.title,
        summary=written.summary,
        lead=written.lead,
        html=above + written.html,
        headings=written.headings,
        passages=written.passages,
        markdown=_with_links(markdown, resolve),
    )


def _with_links(markdown: str, resolve: Callable[[str], str]) -> str:
    """The Markdown with links to the Markdown of other pages."""

    def link(found: re.Match[str]) -> str:
        address = resolve(found[1])
        if address == found[1]:
            return found[0]
        path, mark, anchor = address.partition("#")
        return f"]({path}.md{mark}{anchor})"

    return _LINK.sub(link, markdown)
