"""The documents admit partial answers to writes, and no other that lacks a field."""

import json
from typing import Any

import pytest

from edge.openapi import files
from edge.openapi.operations import operation_id
from edge.openapi.parts import NAME, without_parts
from edge.surface import public_services
from edge.transcoder.routes import Route, routes_of
from services.every_kind import KINDS
from services.gates.partial_answers import held_by
from services.kinds.descriptors import record_types
from services.kinds.methods import read_methods
from tests.edge.openapi.test_openapi import validator

NEWEST: Any = json.loads(files.read(files.versions()[-1]))
ROUTES = tuple(e for e in routes_of(public_services()) if not (e.streams or e.is_file))
METHODS = read_methods(public_services(), record_types(KINDS))


def is_limited(route: Route) -> bool:
    """Whether the services may answer with a part.

    A method that asks for a permission by itself limits its answer by itself. One that
    begins a job has nothing to limit: its caller may read the job. Nor has one whose
    record any token may read, such as an import.
    """
    has_record = route.status not in {202, 204} and not is_read_by_any(route)
    limits_itself = route.denies and has_record and not route.only_reads
    return held_by(METHODS[route.rpc]) is not None or limits_itself


def is_read_by_any(route: Route) -> bool:
    """Whether any token reads the record of a route, which no update changes."""
    record = f"{route.collection_path}/{{id}}"
    ways = {each.http_method: each for each in ROUTES if each.path == record}
    read = ways.get("GET")
    return read is not None and not (read.permission or read.denies or "PATCH" in ways)


def good(route: Route) -> tuple[Any, Any]:
    """The validator of a route's good answer, and its example."""
    operation = NEWEST["paths"][route.path][route.http_method.lower()]
    content = operation["responses"][str(route.status)]["content"]["application/json"]
    return validator(content["schema"], NEWEST), content["example"]


def holder(answer: Any) -> str:
    """The member of an answer that holds the record, "" if the answer is the record."""
    held = (name for name in ("data", "field") if isinstance(answer.get(name), dict))
    return next(held, "")


def record_in(answer: Any) -> Any:
    """The record that an answer holds, or is."""
    return answer[holder(answer)] if holder(answer) else answer


def with_record(answer: Any, record: Any) -> Any:
    """An answer with another record in it."""
    return {**answer, holder(answer): record} if holder(answer) else record


ANSWERING = [
    route
    for route in ROUTES
    if route.status != 204 and not (route.is_search or route.is_upload)
]


@pytest.mark.parametrize("route", ANSWERING, ids=operation_id)
def test_a_part_is_an_answer_where_the_services_give_one(route: Route) -> None:
    judge, example = good(route)
    record = record_in(example)
    names = ("id", "created_at", "updated_at")
    part = {name: record[name] for name in names if name in record}
    assert judge.is_valid(with_record(example, part)) == is_limited(route)
    if is_limited(route):
        assert judge.is_valid(with_record(example, part | {"name": "Hull"}))


LIMITED = [route for route in ROUTES if is_limited(route)]


@pytest.mark.parametrize("route", LIMITED, ids=operation_id)
def test_a_whole_record_lacks_nothing(route: Route) -> None:
    judge, example = good(route)
    record = record_in(example)
    assert judge.is_valid(example)
    for name in record.keys() - {"created_by", "merged_ids", "secret", "token"}:
        rest = {key: value for key, value in record.items() if key != name}
        assert not judge.is_valid(with_record(example, rest)), name


def test_clients_and_the_reference_are_told_of_whole_records() -> None:
    whole = without_parts(NEWEST)
    assert NAME in json.dumps(NEWEST)
    assert NAME not in json.dumps(whole)
    made = whole["components"]["schemas"]["UpsertContactResult"]["properties"]["data"]
    assert made["$ref"] == "#/components/schemas/Contact"
