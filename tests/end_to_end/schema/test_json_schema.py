"""A type's schema as JSON Schema, held against what a create takes.

A validator of somebody else's judges drawn bodies, and so does the server.
"""

import decimal
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.bodies import Bodies, normal
from tests.end_to_end.schema.custom import RECORDS
from tests.end_to_end.schema.every_type import (
    AS_SCHEMA,
    FIELDS,
    TABLES,
    define,
    define_all,
    made_ids,
)
from tests.rounds import rounds

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

PATHS = {each: f"/{each}" for each in TABLES} | {"licenses": RECORDS}


def exact(number: str) -> decimal.Decimal | int:
    found = decimal.Decimal(number)
    return int(found) if found == found.to_integral_value() else found


def read(text: bytes | str) -> Any:
    """JSON with numbers as they are written, which doubles would round."""
    return json.loads(text, parse_float=exact)


def validator(client: Client, table: str) -> "Draft202012Validator":
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import

    answer = client.get(f"/objects/{table}/schema", **AS_SCHEMA)
    assert answer.headers["content-type"] == "application/schema+json"
    schema = read(answer.body)
    Draft202012Validator.check_schema(json.loads(answer.body))
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema, format_checker=checker)


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
@pytest.mark.parametrize("table", PATHS)
def test_a_body_fits_the_schema_if_a_create_takes_it(
    owner: Client, table: str, is_open: bool
) -> None:
    dice, ids = random.Random(random.random()), made_ids(owner)
    define_all(owner, table, dice)
    assert owner.patch(f"/objects/{table}", {"open": is_open}).status == 200
    schema = owner.get(f"/objects/{table}/schema").json
    judge, bodies = validator(owner, table), Bodies(schema, ids, dice)
    taken = 0
    with decimal.localcontext(prec=400):
        for _ in range(rounds("SCHEMA_BODIES")):
            body = bodies.draw()
            answer = owner.post(PATHS[table], body)
            assert answer.status in (201, 422), (answer.status, body, answer.body)
            fits = list(judge.iter_errors(read(json.dumps(normal(schema, body)))))
            told = [each.message[:200] for each in fits], answer.body
            assert (not fits) == (answer.status == 201), (body, told)
            taken += answer.status == 201
    assert taken > rounds("SCHEMA_BODIES") / 12  # or it proves little


def test_what_is_no_value_does_not_fit_a_required_field(owner: Client) -> None:
    first = owner.create("/companies", {"name": "First"})
    for kind in ("text", "email", "date", "multi_select", "long_text", "record"):
        define(owner, "companies", kind, kind, **FIELDS[kind], required=True)
    judge = validator(owner, "companies")
    good = {
        "text": "x",
        "email": "a@b.c",
        "date": "2026-06-17",
        "multi_select": ["gold"],
        "long_text": "x",
        "record": first["id"],
    }
    body: dict[str, Any] = {"name": "Engines", "custom_fields": good}
    assert judge.is_valid(body)
    for key in good:
        nothings: list[Any] = [None, "", []]
        for nothing in nothings:
            worse = body | {"custom_fields": good | {key: nothing}}
            assert not judge.is_valid(worse)
            assert owner.post("/companies", worse).status == 422
    assert not judge.is_valid({"name": "Engines"})
    assert owner.post("/companies", {"name": "Engines"}).status == 422
    assert owner.create("/companies", body)


def test_a_client_gets_the_form_that_it_prefers(owner: Client) -> None:
    path = "/objects/notes/schema"
    plain, schema = owner.get(path), owner.get(path, **AS_SCHEMA)
    assert plain.headers["content-type"] == "application/json"
    for answer in (plain, schema):
        assert answer.headers["vary"] == "Accept-Encoding, Accept"
    tag = schema.headers["etag"]
    assert tag != plain.headers["etag"]
    assert owner.get(path, **AS_SCHEMA, if_none_match=tag).status == 304
    assert owner.get(path, if_none_match=tag).status == 200
    assert owner.get(path, **AS_SCHEMA, if_match=plain.headers["etag"]).status == 412
    before = owner.get(path, **AS_SCHEMA, version="2026-06-01")
    assert before.body == schema.body


def test_other_answers_have_one_form(owner: Client) -> None:
    answer = owner.get("/objects/notes", **AS_SCHEMA)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Accept-Encoding"
    refused = owner.get("/objects/planets/schema", **AS_SCHEMA)
    assert refused.headers["content-type"] == "application/problem+json"
