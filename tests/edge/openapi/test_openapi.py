"""The OpenAPI documents: they say of the surface what is so, all of it, and no more."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from prospectconnect.type.v1.search_pb2 import Operator

from edge.openapi import files, kinds
from edge.openapi.operations import operation_id
from edge.openapi.schemas import SCOPE
from edge.surface import public_services
from edge.transcoder.routes import Route, routes_of
from services.every_kind import KINDS
from services.kinds.descriptors import record_type
from services.kinds.record_type import FieldType
from services.roles import SCOPES
from services.search.comparisons import TAKES

VERSIONS = files.versions()
ROUTES = routes_of(public_services())
DOCUMENTS: dict[str, Any] = {v: json.loads(files.read(v)) for v in VERSIONS}
NEWEST = DOCUMENTS[VERSIONS[-1]]

# What our services tell apart and filters do not.
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)

# Words that are for gRPC and for us alone.
_INSIDE = re.compile(
    r"prospectconnect\.(?!ai)|UNSPECIFIED|update_mask|the mask\b"
    r"|(?:Get|Search|Create|Update|Delete|Upsert|Move)[A-Z]\w+(?:Request|Response)\b"
    r"|\b(?:NOT_FOUND|INVALID_ARGUMENT|ETAG_MISMATCH)\b"
)


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Every operation with its path and method."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def texts(value: Any) -> Iterator[str]:
    """All that is said in a document, its names included."""
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def places(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two documents differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from places(one.get(key), other.get(key), f"{at}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from places(*pair, f"{at}/{index}")
    elif one != other:
        yield at


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_is_one(version: str) -> None:
    from openapi_spec_validator import validate  # noqa: PLC0415 - slow to import

    validate(DOCUMENTS[version])
    assert DOCUMENTS[version]["info"]["version"] == version
    assert DOCUMENTS[version]["servers"] == [{"url": "/"}]


def test_every_operation_is_there_by_its_own_name() -> None:
    found = {(path, method) for path, method, _ in operations(NEWEST)}
    assert found == {(route.path, route.http_method) for route in ROUTES}
    names = [operation["operationId"] for _, _, operation in operations(NEWEST)]
    assert len(set(names)) == len(names) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=operation_id)
def test_an_operation_says_what_its_route_does(route: Route) -> None:
    operation = NEWEST["paths"][route.path][route.http_method.lower()]
    taken = {each.get("$ref", each.get("name")) for each in operation["parameters"]}
    named = {name.rpartition("/")[2] for name in taken}
    assert "Version" in named
    assert ("IdempotencyKey" in named) == route.keyed
    assert set(route.path_parameters) <= named
    assert ("requestBody" in operation) == bool(route.body_field or route.is_upload)
    statuses = set(operation["responses"])
    assert str(route.status) in statuses
    has_etag = route.answers_etag or route.is_file
    assert ("304" in statuses) == (route.http_method == "GET" and has_etag)
    assert ("409" in statuses) == (route.keyed or route.conflicts)
    asks = route.permission is not None or route.denies or route.is_batch
    assert ("403" in statuses) == asks
    scopes = {
        scope
        for way in operation["security"]
        for scopes in way.values()
        for scope in scopes
    }
    assert scopes == ({route.permission} if route.permission else set())
    assert ("oauth2" in operation["security"][0]) == ("token." not in str(scopes))


def test_nothing_of_the_inside_is_told() -> None:
    told = [text for text in texts(NEWEST) if _INSIDE.search(text)]
    assert told == []
    planted = {**NEWEST, "info": {"title": "prospectconnect.crm"}}
    assert any(_INSIDE.search(text) for text in texts(planted))


def test_fields_are_of_the_kinds_that_the_services_know() -> None:
    """The operators of a kind are one table; which kind a field is, both sides read."""
    for message in KINDS:
        described: Any = message.DESCRIPTOR.fields_by_name
        for field in record_type(message).fields:
            if field.policy.filterable:
                ways = kinds.kinds_of(described[field.name])
                names = {each for way in ways for each in kinds.OPERATORS[way]}
                assert names == {*map(_public, TAKES[field.type])}, field.name
                if field.type not in _NUMBERS:
                    is_list = field.type is FieldType.IDS
                    way = "id" if is_list else field.type.value
                    assert ways in (kinds.CUSTOM, (way,))


def _public(operator: Operator.ValueType) -> str:
    return Operator.Name(operator).removeprefix("OPERATOR_").lower()


def test_scopes_are_those_that_a_token_can_have() -> None:
    assert set(NEWEST["components"]["schemas"][SCOPE]["enum"]) == SCOPES


def test_contracts_differ_in_what_their_changes_say_alone() -> None:
    older, newer = DOCUMENTS["2026-06-01"], DOCUMENTS["2026-11-01"]
    expected = re.compile(
        r"/info/version"
        r"|/components/(parameters|headers)/Version/.*"
        r"|/components/schemas/PageMeta/properties/total/description"
        r"|/components/schemas/Search\w+Body/properties/include_total/\w+"
        r"|/paths/.*/search/post/responses/200/.*/example/meta/total"
        r"|/paths//v1/exports.*/example/(data/0/)?version"
        # Who asks under the newest contract asks nothing that it would change.
        r"|/paths//v1/contracts/\{date\}/report/.*/example/data(/.*)?"
    )
    found = list(places(older, newer))
    assert [each for each in found if not expected.fullmatch(each)] == []
    searches = [name for name in found if name.endswith("include_total/default")]
    assert len(searches) == sum(route.is_search for route in ROUTES)


def validator(schema: Any, document: Any) -> jsonschema_rs.Validator:
    """A validator of a schema within a document."""
    rooted = {"components": document["components"], **schema}
    return jsonschema_rs.Draft202012Validator(rooted, validate_formats=True)


def examples(document: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every example with its place and schema."""
    for _, _, operation in operations(document):
        name = operation["operationId"]
        bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for kind, body in bodies.items():
            for content in body.get("content", {}).values():
                yield f"{name} {kind}", content["schema"], content["example"]
        for parameter in operation["parameters"]:
            if parameter.get("in") == "path":
                yield f"{name} path", parameter["schema"], parameter["example"]
    for name, response in document["components"]["responses"].items():
        for content in response["content"].values():
            for shown in content["examples"].values():
                yield name, content["schema"], shown["value"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_example_is_what_its_schema_says(version: str) -> None:
    document = DOCUMENTS[version]
    faulty = [
        (place, error.message)
        for place, schema, example in examples(document)
        for error in validator(schema, document).iter_errors(example)
    ]
    assert faulty == []


def test_a_schema_refuses_what_is_wrong_in_an_example() -> None:
    """So the examples are held against something."""
    refused = 0
    for _, schema, example in examples(NEWEST):
        if isinstance(example, dict) and example:
            wrong = {key: {"no": "value"} for key in example}
            refused += not validator(schema, NEWEST).is_valid(wrong)
    assert refused > len(ROUTES)


def test_no_example_holds_a_secret_that_could_be_one() -> None:
    text = json.dumps(NEWEST)
    assert re.findall(r"pc[patrckg]_(?!EXAMPLE)[0-9A-Za-z]{20,}", text) == []


def test_the_files_are_part_of_the_package() -> None:
    project = Path("pyproject.toml").read_text()
    assert '"prospectconnect.openapi" = ["*.json"]' in project
    assert '"prospectconnect.openapi" = "gen/openapi"' in project
