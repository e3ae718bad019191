"""The reference says all that the documents say, and nothing that they do not."""

import re
from html import escape
from pathlib import Path
from typing import Any

import orjson
import pytest

from edge.documentation.page import Page
from edge.openapi import files
from edge.portal.search import make_index, search
from edge.reference.document import Document
from edge.reference.literals import PYTHON, literal
from edge.reference.operations import Operation, operations_of
from edge.reference.pages import older, page_of, reference
from edge.reference.resources import Resource, resources_of
from edge.web.templating import open_pages

VERSIONS = files.versions()
NEWEST = VERSIONS[-1]
CODE_CSS = Path(__file__).parents[3] / "edge/web/static/code.css"


def document(version: str = NEWEST) -> Document:
    return Document(orjson.loads(files.read(version)))


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    environment = open_pages().environment
    sections = (reference(environment), *older(environment))
    return {page.path: page for section in sections for page in section.pages}


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
        page = pages[resource.path]
        for each in resource.operations:
            for text in (page.html, page.markdown):
                assert each.path in text
                assert each.scope in text
            assert f'id="{each.anchor}"' in page.html
            for answer in each.answers:
                assert str(answer.status) in page.html
                if answer.is_problem:
                    assert f'id="problem-{answer.status}"' in page.html
            for header in each.headers:
                assert header.name in page.html
            fields = each.body.fields if each.body else ()
            for field in (*fields, *each.good.fields):
                for inner in field.flat():
                    assert f"<code>{inner.name}</code>" in page.html
                    assert f"`{inner.name}`" in page.markdown
            assert f'data-path="{each.path}"' in page.html, "it can be tried"


@pytest.mark.parametrize("version", VERSIONS)
def test_pages_show_only_what_was_answered(version: str) -> None:
    """Every answer with a body, and every problem, has an example."""
    for each in operations_of(document(version), {}):
        for answer in each.answers:
            has_body = bool(answer.type)
            assert bool(answer.examples) == has_body, (each.name, answer.status)


def test_a_language_is_no_color(pages: dict[str, Page]) -> None:
    """The class of a sample, seen by the highlighter's rules, would color all of it."""
    page = pages["/docs/reference/contacts"].html
    languages = set(re.findall(r'class="code sample ([\w-]+)"', page))
    colors = set(re.findall(r"\.([a-z]\w{0,2})\b(?=[ ,])", CODE_CSS.read_text()))
    assert {"sh", "s1"} <= colors
    assert len(languages) == 3
    assert not languages & colors


def test_what_is_said_more_of_is_a_guide(pages: dict[str, Page]) -> None:
    guides = {path.stem for path in Path("docs/guides").glob("*.md")}
    led_to = {
        name
        for page in pages.values()
        for name in re.findall(r'href="/docs/([a-z-]+)["#]', page.html)
    }
    assert led_to
    assert led_to - {"reference"} <= guides


def test_the_search_finds_operations_and_fields() -> None:
    index = make_index(reference(open_pages().environment).pages)
    found = {
        query: [(each.page.path, each.passage.anchor) for each in search(index, query)]
        for query in ("move deal", "lead_score", "upsert contact")
    }
    assert found["move deal"][0] == ("/docs/reference/deals", "move-deal")
    assert found["lead_score"][0][0] == "/docs/reference/contacts"
    assert found["upsert contact"][0] == ("/docs/reference/contacts", "upsert-contact")


def test_pages_stay_small(pages: dict[str, Page]) -> None:
    """A page may grow with the operations of its resource, not with each of these."""
    for page in pages.values():
        most = max(250_000, 15_000 * page.html.count("<section"))
        assert len(page.html.encode()) < most, page.path


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
    for each in resources_of(planted, "/docs/reference"):
        page = page_of(environment, planted, each)
        assert "<img" not in page.html + page.lead
        assert escape(evil) in page.html


def test_literals_read_back_as_what_they_were() -> None:
    value: Any = {"a": [1, 2.5, None, True], "b": {}, "c": "it's ü\n" * 9}
    assert orjson.loads(literal(value)) == value
    assert eval(literal(value, PYTHON)) == value  # noqa: S307 - our own
