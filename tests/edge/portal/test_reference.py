"""The reference says all that the documents say, and nothing that they do not."""

import gzip
import re
from html import escape
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.documentation.page import Page
from edge.openapi import files
from edge.portal.search import make_index, search
from edge.portal.site import make_site
from edge.reference.document import Document
from edge.reference.filters import conditions_of
from edge.reference.literals import PYTHON, literal
from edge.reference.operations import Operation, operations_of
from edge.reference.pages import Contract, older, page_of, reference
from edge.reference.resources import Resource, resources_of
from edge.reference.roles import roles_of
from edge.reference.shapes import body_shape
from edge.surface import public_services
from edge.transcoder.routes import routes_of
from edge.web.templating import open_pages
from services.roles import DEFAULT_ROLES, SCOPES, role_permissions

VERSIONS = files.versions()
NEWEST = VERSIONS[-1]
CODE_CSS = Path(__file__).parents[3] / "edge/web/static/code.css"


def document(version: str = NEWEST) -> Document:
    return Document(orjson.loads(files.read(version)))


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    environment = open_pages().environment
    sections = (reference(environment), *older(environment))
    above = [page for section in sections for page in section.pages]
    return {each.path: each for page in above for each in (page, *page.parts)}


def html(page: Page) -> str:
    """A page's text, which is made now if it is of an operation."""
    return page.html if page.made is None else page.made()


@pytest.fixture(scope="module")
def resources() -> tuple[Resource, ...]:
    return resources_of(document(), "/docs/reference")


def operation(name: str) -> Operation:
    return next(each for each in operations_of(document(), {}) if each.name == name)


def test_every_operation_has_a_place(resources: tuple[Resource, ...]) -> None:
    there = [each.name for resource in resources for each in resource.operations]
    told = [
        item[method]["operationId"]
        for item in document().content["paths"].values()
        for method in item
    ]
    assert sorted(there) == sorted(told)
    assert len(there) == len(set(there))


@pytest.mark.parametrize("version", VERSIONS)
def test_pages_tell_everything(pages: dict[str, Page], version: str) -> None:
    base = "/docs/reference" if version == NEWEST else f"/docs/reference/{version}"
    for resource in resources_of(document(version), base):
        above = html(pages[resource.path])
        for each in resource.operations:
            page = pages[f"{resource.path}/{each.anchor}"]
            shown = html(page)
            assert f'id="{each.anchor}" data-page="{page.path}"' in above
            for text in (shown, page.markdown):
                assert each.path in text
                assert each.scope in text
            for answer in each.answers:
                assert str(answer.status) in shown
                if answer.is_problem:
                    assert f'id="problem-{answer.status}"' in shown
                    assert f'id="problem-{answer.status}"' in above
            for header in each.headers:
                assert header.name in shown
            fields = each.body.fields if each.body else ()
            for field in (*fields, *each.good.fields):
                for inner in field.flat():
                    assert f"<code>{inner.name}</code>" in shown
                    assert f"`{inner.name}`" in page.markdown
            assert f'data-path="{each.path}"' in shown, "it can be tried"


def test_roles_are_those_that_the_services_give() -> None:
    for scope in sorted(SCOPES):
        if not scope.endswith(".all"):
            granting = [
                role
                for role, grants in DEFAULT_ROLES.items()
                if scope in role_permissions(role, grants)
            ]
            assert list(roles_of(scope)) == granting, scope


def test_a_page_tells_who_may_what_it_costs_and_of_calling_again(
    pages: dict[str, Page],
) -> None:
    create = pages["/docs/reference/contacts/create-contact"].markdown
    assert "- Scope: `contact.write`." in create
    assert "- Roles: `owner`, `admin`, `manager`, `member`, or" in create
    assert "- Rate limit: 1 request." in create
    assert "- Sent twice: Send an `Idempotency-Key`." in create
    batch = pages["/docs/reference/contacts/batch-contacts"].markdown
    assert "- Rate limit: A tenth of a request for each operation" in batch
    search_ = pages["/docs/reference/contacts/search-contacts"].markdown
    assert "- Sent twice: It changes nothing." in search_
    tokens = pages["/docs/reference/tokens/create-token"].markdown
    assert "No app gets it" in tokens
    assert "It takes no `Idempotency-Key`" in tokens


@pytest.mark.parametrize("version", VERSIONS)
def test_pages_show_only_what_was_answered(version: str) -> None:
    """Every answer with a body, and every problem, has an example."""
    for each in operations_of(document(version), {}):
        for answer in each.answers:
            has_body = bool(answer.type)
            assert bool(answer.examples) == has_body, (each.name, answer.status)


def test_a_language_is_no_color(pages: dict[str, Page]) -> None:
    """The class of a sample, seen by the highlighter's rules, would color all of it."""
    page = html(pages["/docs/reference/contacts/create-contact"])
    languages = set(re.findall(r'class="code sample ([\w-]+)"', page))
    colors = set(re.findall(r"\.([a-z]\w{0,2})\b(?=[ ,])", CODE_CSS.read_text()))
    assert {"sh", "s1"} <= colors
    assert len(languages) == 4
    assert not languages & colors


def test_what_is_said_more_of_is_a_guide(pages: dict[str, Page]) -> None:
    guides = {path.stem for path in Path("docs/guides").glob("*.md")}
    led_to = {
        name
        for page in pages.values()
        for name in re.findall(r'href="/docs/([a-z-]+)["#]', html(page))
    }
    assert led_to
    assert led_to - {"reference"} <= guides


def test_the_search_finds_operations_and_fields() -> None:
    index = make_index(reference(open_pages().environment).pages)
    found = {
        query: [each.passage.path or each.page.path for each in search(index, query)]
        for query in ("move deal", "lead_score", "upsert contact", "createContact")
    }
    assert found["move deal"][0] == "/docs/reference/deals/move-deal"
    assert found["lead_score"][0].startswith("/docs/reference/contacts")
    assert found["upsert contact"][0] == "/docs/reference/contacts/upsert-contact"
    assert found["createContact"][0] == "/docs/reference/contacts/create-contact"


def test_pages_stay_small() -> None:
    site = make_site(open_pages().environment, tuple(routes_of(public_services())))
    sizes = {
        path: len(gzip.compress(text.text.encode()))
        for path, text in site.texts.items()
        if path.startswith("/docs/reference/") and not path.endswith(".md")
    }
    assert len(sizes) > 2 * len(VERSIONS) * 100
    assert max(sizes.values()) < 40_000, "bytes, compressed"


def test_the_record_tells_what_searches_go_by(
    resources: tuple[Resource, ...],
) -> None:
    contacts = next(each for each in resources if each.name == "Contacts")
    assert contacts.record is not None
    fields = {each.name: each for each in contacts.record.fields}
    assert fields["name"].filters
    assert fields["name"].sorts
    assert fields["name"].read_only
    assert fields["custom_fields"].filters
    assert not fields["email"].sorts
    assert fields["lead_score"].rules == (), "the text says 0 to 100"
    assert ("lead", "May become a customer. The default.") in fields[
        "lifecycle_stage"
    ].values


def test_a_body_says_what_must_be_there() -> None:
    deal = operation("createDeal").body
    assert deal is not None
    assert [each.name for each in deal.fields if each.required] == ["name"]
    note = operation("createNote").body
    assert note is not None
    assert note.rule == (
        "At least one of `contact_id`, `company_id`, `deal_id` and `custom_record_id`"
        " is always set."
    )
    links = {name for name in note.example if name.endswith("_id")}
    assert len(links) == 1, "no more links than it needs"


def test_a_field_shows_all_its_operators_in_one_place() -> None:
    """`is_empty` too, which the document has apart."""
    for each in operations_of(document(), {}):
        if each.body is None or not each.body.conditions:
            continue
        assert not [c for c in each.body.conditions if c.type == "without a value"]
        shown: dict[str, list[str]] = {}
        for condition in each.body.conditions:
            for field in condition.fields:
                shown.setdefault(field, []).extend(condition.operators)
        for field, operators in shown.items():
            assert len(operators) == len(set(operators)), field
        assert {"eq", "is_empty", "is_not_empty"} <= {*shown["id"]}
    assert {"gt", "is_empty"} <= {*shown["created_at"]}


def test_texts_of_a_document_are_text() -> None:
    """Planted: markup in every text of a document."""
    evil = "<img src=x onerror=alert(1)>"
    content = orjson.loads(files.read(NEWEST))
    content["tags"] = [{**each, "description": evil} for each in content["tags"]]
    contact = content["components"]["schemas"]["Contact"]
    contact["description"] = evil
    contact["properties"]["email"]["description"] = evil
    for item in content["paths"].values():
        for told in item.values():
            told["summary"] = told["description"] = evil
    planted, environment = Document(content), open_pages().environment
    routes = {(e.http_method, e.path): e for e in routes_of(public_services())}
    contract = Contract(environment, planted, routes, "/docs/reference")
    for each in resources_of(planted, contract.base):
        above = page_of(contract, each)
        for page in (above, *above.parts):
            assert "<img" not in html(page) + page.lead
            assert escape(evil) in html(page)


def test_literals_read_back_as_what_they_were() -> None:
    value: Any = {"a": [1, 2.5, None, True], "b": {}, "c": "it's ü\n" * 9}
    assert orjson.loads(literal(value)) == value
    assert eval(literal(value, PYTHON)) == value  # noqa: S307 - our own


def test_try_it_offers_what_the_document_says_of_conditions() -> None:
    """The same fields with the same operators as the list on the page."""
    its, seen = document(), 0
    for name in its.content["components"]["schemas"]:
        body = its.schema(name)
        told = {
            (field.removesuffix("<key>"), operator)
            for each in conditions_of(its, body)
            for field in each.fields
            for operator in each.operators
        }
        if not told or not name.startswith("Search"):
            continue
        (filters,) = [
            field["s"]
            for field in orjson.loads(body_shape(its, body))["f"]
            if field["n"] == "filters"
        ]
        offered = {
            (field, operator)
            for rule in filters["of"]["c"]
            for field in rule["f"]
            for operator in rule["o"]
        }
        assert offered == told, name
        seen += 1
    assert seen > 10
