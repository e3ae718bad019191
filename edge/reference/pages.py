"""The pages of the reference: one for each operation, above them one for each resource.

An overview is above all. The text of an operation's page is made when it is first read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import pairwise
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
from edge.reference.facts import facts_of, kinds_of
from edge.reference.fields import Field
from edge.reference.literals import literal
from edge.reference.markdown import operation_text, overview_text, resource_text
from edge.reference.operations import Operation
from edge.reference.resources import Resource, operation_path, resources_of
from edge.reference.samples import Sample, samples_of
from edge.reference.shapes import body_shape
from edge.surface import public_services
from edge.transcoder.routes import Route, routes_of
from edge.web.addresses import REFERENCE

TEMPLATE = "reference/page.html"
_OPERATION = "reference/operation_page.html"

# The headers of every success; they are described once, in the overview.
_ALWAYS = (VERSION, TRACE_ID, *LIMITS)

Routes = Mapping[tuple[str, str], Route]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that pages are made of.

    `routes` are by method and path. `base` is the address above the pages.
    """

    environment: Environment
    document: Document
    routes: Routes
    base: str

    @property
    def is_newest(self) -> bool:
        """Whether the clients and gRPC speak it."""
        return self.base == REFERENCE

    def route(self, operation: Operation) -> Route:
        """The route of an operation."""
        return self.routes[operation.method, operation.path]

    def samples(self, operation: Operation) -> tuple[Sample, ...]:
        """The samples of an operation."""
        route = self.route(operation) if self.is_newest else None
        return samples_of(operation, self.document.version, route)


def reference(environment: Environment) -> Section:
    """The reference of the newest contract, as a section of the site."""
    return _section(environment, files.versions()[-1])


def older(environment: Environment) -> tuple[Section, ...]:
    """The sections of the older contracts, which no list of pages contains."""
    return tuple(_section(environment, each) for each in files.versions()[:-1])


def _section(environment: Environment, version: str) -> Section:
    document = Document(without_parts(orjson.loads(files.read(version))))
    contract = Contract(environment, document, _routes(), _base(version))
    found = resources_of(document, contract.base)
    pages = (_overview(contract, found), *(page_of(contract, each) for each in found))
    return Section("Reference", pages, apart=True)


@cache
def _routes() -> Routes:
    found = routes_of(public_services())
    return {(each.http_method, each.path): each for each in found}


def _base(version: str) -> str:
    newest = version == files.versions()[-1]
    return REFERENCE if newest else f"{REFERENCE}/{version}"


def _overview(contract: Contract, resources: tuple[Resource, ...]) -> Page:
    summary = "Every operation with what it takes and answers, to be tried right here."
    render = contract.environment.get_template("reference/overview.html").render
    document = contract.document
    components = document.content["components"]
    return Page(
        path=contract.base,
        title="API reference",
        summary=summary,
        lead=summary,
        html=render(
            **_contracts(document.version, ""),
            path=contract.base,
            resources=resources,
            address=operation_path,
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


def page_of(contract: Contract, resource: Resource) -> Page:
    """The page of a resource, with those of its operations below it."""
    render = contract.environment.get_template("reference/resource.html").render
    page = resource.path.removeprefix(contract.base)
    values = {
        **_contracts(contract.document.version, page),
        "resource": resource,
        "address": operation_path,
        "example": _example,
    }
    return Page(
        path=resource.path,
        title=resource.name,
        summary=resource.about,
        lead=str(contract.environment.filters["told"](resource.about)),
        html="",
        headings=tuple(_headings(resource)),
        passages=(Passage("", "", resource.about), *_passages(resource)),
        markdown=resource_text(resource),
        template=TEMPLATE,
        made=partial(render, values),
        parts=tuple(_parts(contract, resource)),
    )


def _parts(contract: Contract, resource: Resource) -> Iterator[Page]:
    """The pages of a resource's operations; each leads to the ones around it."""
    around = pairwise((None, *resource.operations, None))
    before = [each for each, _ in around]
    after = [*resource.operations[1:], None]
    for at, each in enumerate(resource.operations):
        yield _operation_page(contract, resource, each, (before[at], after[at]))


def _operation_page(
    contract: Contract,
    resource: Resource,
    operation: Operation,
    around: tuple[Operation | None, Operation | None],
) -> Page:
    path = operation_path(resource, operation)
    facts = facts_of(operation, contract.route(operation))
    values = {
        **_contracts(contract.document.version, path.removeprefix(contract.base)),
        "resource": resource,
        "operation": operation,
        "around": around,
        "facts": facts,
        "address": operation_path,
        "example": _example,
        "plain": literal,
        "kinds": kinds_of,
        "shape": _shape(contract.document, operation),
        "always": _ALWAYS,
        "overview": contract.base,
    }
    render = contract.environment.get_template("reference/operation.html").render

    def made() -> str:
        return render(values, samples=_colored(contract.samples(operation)))

    return Page(
        path=path,
        title=operation.summary,
        summary=operation.about.partition("\n\n")[0],
        lead=str(contract.environment.filters["told"](operation.about)),
        html="",
        headings=(),
        passages=(),
        markdown=operation_text(operation, facts, contract.samples(operation)),
        template=_OPERATION,
        mark=operation.method,
        made=made,
    )


def _shape(document: Document, operation: Operation) -> str:
    if operation.body is None or not operation.body.fields:
        return ""
    return body_shape(document, document.schema(operation.body.schema))


def _contracts(version: str, page: str) -> dict[str, Any]:
    """The contract of a page, and the addresses of the page in the other contracts.

    `page` is its address below that of the contract, with a slash before it.
    """
    others = [(each, f"{_base(each)}{page}") for each in reversed(files.versions())]
    return {"version": version, "contracts": others}


def _headings(resource: Resource) -> Iterator[Heading]:
    for each in resource.operations:
        yield Heading(2, each.anchor, each.summary)
    if resource.record is not None:
        yield Heading(2, resource.record.anchor, resource.record.title)
    yield Heading(2, "problems", "Problems")


def _passages(resource: Resource) -> Iterator[Passage]:
    for each in resource.operations:
        path = operation_path(resource, each)
        text = " ".join(_words(each))
        yield Passage(each.anchor, each.summary, text, path=path)
    if record := resource.record:
        words = " ".join(_told(record.fields))
        yield Passage(record.anchor, record.title, f"{record.about} {words}")


def _words(operation: Operation) -> Iterator[str]:
    name = f"{operation.name} {operation.method} {operation.path}"
    yield f"{name} {operation.about} {operation.scope}"
    if operation.body is not None:
        yield from _told(operation.body.fields)


def _told(fields: tuple[Field, ...]) -> Iterator[str]:
    for field in fields:
        for each in field.flat():
            yield f"{each.name}: {each.about}"


def _colored(samples: tuple[Sample, ...]) -> list[tuple[Sample, Markup]]:
    return [
        (each, Markup(highlight(each.code, each.code_language)))  # noqa: S704 - escaped
        for each in samples
    ]


def _example(value: Any) -> Markup:
    return Markup(_json(literal(value)))  # noqa: S704 - escaped


_json: Callable[[str], str] = lru_cache(maxsize=512)(
    lambda text: highlight(text, "json")
)
