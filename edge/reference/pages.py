"""The pages of the reference: one for each resource, and an overview."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import orjson
from jinja2 import Environment
from markupsafe import Markup

from edge.documentation.highlight import highlight
from edge.documentation.page import Heading, Page, Passage, Section
from edge.openapi import files
from edge.openapi.headers import LIMITS, TRACE_ID, VERSION
from edge.openapi.parts import without_parts
from edge.reference.document import Document
from edge.reference.fields import Field
from edge.reference.literals import literal
from edge.reference.markdown import overview_text, resource_text
from edge.reference.operations import Operation
from edge.reference.resources import Resource, resources_of
from edge.reference.samples import Sample, samples_of
from edge.web.addresses import REFERENCE

TEMPLATE = "reference/page.html"

# The headers of every success; they are described once, in the overview.
_ALWAYS = (VERSION, TRACE_ID, *LIMITS)


def reference(environment: Environment) -> Section:
    """The reference of the newest contract, as a section of the site."""
    return _section(environment, files.versions()[-1])


def older(environment: Environment) -> tuple[Section, ...]:
    """The sections of the older contracts, which no list of pages contains."""
    return tuple(_section(environment, each) for each in files.versions()[:-1])


def _section(environment: Environment, version: str) -> Section:
    return Section("Reference", _pages(environment, version), apart=True)


def _pages(environment: Environment, version: str) -> tuple[Page, ...]:
    document = Document(without_parts(orjson.loads(files.read(version))))
    base = _base(version)
    found = resources_of(document, base)
    return (
        _overview(environment, document, base, found),
        *(page_of(environment, document, each) for each in found),
    )


def _base(version: str) -> str:
    newest = version == files.versions()[-1]
    return REFERENCE if newest else f"{REFERENCE}/{version}"


def _overview(
    environment: Environment,
    document: Document,
    base: str,
    resources: tuple[Resource, ...],
) -> Page:
    summary = "Every operation with what it takes and answers, to be tried right here."
    render = environment.get_template("reference/overview.html").render
    components = document.content["components"]
    return Page(
        path=base,
        title="API reference",
        summary=summary,
        lead=summary,
        html=render(
            **_contracts(document.version, ""),
            resources=resources,
            asked=components["parameters"].values(),
            told=components["headers"].items(),
        ),
        headings=_OVERVIEW,
        passages=(Passage("", "", summary),),
        markdown=overview_text(document, resources),
        template=TEMPLATE,
    )


_OVERVIEW = (
    Heading(2, "operations", "Operations"),
    Heading(2, "request-headers", "Headers of requests"),
    Heading(2, "answer-headers", "Headers of answers"),
)


def page_of(environment: Environment, document: Document, resource: Resource) -> Page:
    """The page of a resource."""
    render = environment.get_template("reference/resource.html").render
    headings = tuple(_headings(resource))
    return Page(
        path=resource.path,
        title=resource.name,
        summary=resource.about,
        lead=str(environment.filters["told"](resource.about)),
        html=render(
            **_contracts(document.version, resource.path.rpartition("/")[2]),
            resource=resource,
            samples=lambda operation: _colored(samples_of(operation, document.version)),
            example=lambda value: Markup(_json(literal(value))),  # noqa: S704 - escaped
            plain=literal,
            always=_ALWAYS,
            overview=_base(document.version),
        ),
        headings=headings,
        passages=(Passage("", "", resource.about), *_passages(resource)),
        markdown=resource_text(resource, document.version),
        template=TEMPLATE,
    )


def _contracts(version: str, page: str) -> dict[str, Any]:
    """The contract of a page, and the addresses of the page in the other contracts."""
    others = [
        (each, f"{_base(each)}/{page}".rstrip("/"))
        for each in reversed(files.versions())
    ]
    return {"version": version, "contracts": others}


def _headings(resource: Resource) -> Iterator[Heading]:
    for each in resource.operations:
        yield Heading(2, each.anchor, each.summary)
    if resource.record is not None:
        yield Heading(2, resource.record.anchor, resource.record.title)
    yield Heading(2, "problems", "Problems")


def _passages(resource: Resource) -> Iterator[Passage]:
    for each in resource.operations:
        yield Passage(each.anchor, each.summary, " ".join(_words(each)))
    if record := resource.record:
        words = " ".join(_told(record.fields))
        yield Passage(record.anchor, record.title, f"{record.about} {words}")


def _words(operation: Operation) -> Iterator[str]:
    yield f"{operation.method} {operation.path} {operation.about} {operation.scope}"
    if operation.body is not None:
        yield from _told(operation.body.fields)


def _told(fields: tuple[Field, ...]) -> Iterator[str]:
    for field in fields:
        for each in field.flat():
            yield f"{each.name}: {each.about}"


def _colored(samples: tuple[Sample, ...]) -> list[tuple[Sample, Markup]]:
    return [
        (each, Markup(highlight(each.code, each.language)))  # noqa: S704 - escaped
        for each in samples
    ]


_json: Callable[[str], str] = lru_cache(maxsize=512)(
    lambda text: highlight(text, "json")
)
