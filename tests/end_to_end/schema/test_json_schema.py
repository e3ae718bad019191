"""A type's schema as JSON Schema, held against what a create takes.

A validator of somebody else's judges drawn bodies, and so does the server.
"""

import decimal
import json
import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.client import Client
from tests.end_to_end.schema.bodies import Bodies, normal
from tests.end_to_end.schema.custom import RECORDS, define_object
from tests.end_to_end.schema.defining import OPTIONS
from tests.rounds import rounds

PATHS = {
    each: f"/{each}"
    for each in ("contacts", "companies", "deals", "tasks", "notes", "activities")
}
PATHS["subscriptions"] = RECORDS
AS_SCHEMA = {"accept": "application/schema+json"}

# A field of every type, and of each the rules that it may have.
FIELDS: dict[str, dict[str, Any]] = {
    "text": {"max_length": 5},
    "long_text": {"max_length": 9},
    "email": {"max_length": 20},
    "phone": {},
    "country": {},
    "url": {},
    "integer": {"min": -3, "max": 12},
    "decimal": {"min": 0.25, "max": 99.5, "decimals": 2},
    "boolean": {},
    "date": {},
    "timestamp": {},
    "select": {"options": OPTIONS},
    "multi_select": {"options": OPTIONS},
    "user": {},
    "record": {"target": "companies"},
}
PLAIN = ("text", "integer", "decimal")
# Without a rule of its own a type has its bounds.
WITH_DEFAULT: dict[str, Any] = {"select": "gold", "integer": 3, "text": "x"}


def define(client: Client, table: str, key: str, kind: str, **rules: Any) -> Any:
    body = {"object": table, "key": key, "type": kind, "label": key.title()} | rules
    return client.create("/fields", body)


def define_all(client: Client, table: str, dice: random.Random) -> None:
    """Defines a field of every type, some of them required, and an archived one."""
    for kind, rules in FIELDS.items():
        needed = dice.random() < 0.15
        define(client, table, kind, kind, **rules, required=needed)
    for kind in PLAIN:
        define(client, table, f"plain_{kind}", kind)
    for kind, value in WITH_DEFAULT.items():
        more = {"options": OPTIONS} if kind == "select" else {}
        given = {"default_value": value, "required": True} | more
        define(client, table, f"default_{kind}", kind, **given)
    archived = define(client, table, "archived", "text")
    assert client.delete(f"/fields/{archived['id']}").status == 204


def exact(number: str) -> decimal.Decimal | int:
    found = decimal.Decimal(number)
    return int(found) if found == found.to_integral_value() else found


def read(text: bytes | str) -> Any:
    """JSON with numbers as they are written, which doubles would round."""
    return json.loads(text, parse_float=exact)


def validator(client: Client, table: str) -> Draft202012Validator:
    answer = client.get(f"/objects/{table}/schema", **AS_SCHEMA)
    assert answer.headers["content-type"] == "application/schema+json"
    schema = read(answer.body)
    Draft202012Validator.check_schema(json.loads(answer.body))
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema, format_checker=checker)


def made_record(client: Client) -> str:
    """The id of a record of a custom object."""
    define_object(client)
    return str(client.create(RECORDS, {"name": "Basic"})["id"])


def made_ids(client: Client) -> dict[str, str]:
    company = client.create("/companies", {"name": "Engines"})
    return {
        "contacts": client.create("/contacts", {"email": "a@x.example"})["id"],
        "companies": company["id"],
        "deals": client.create("/deals", {"name": "Engine"})["id"],
        "users": company["owner_id"],
        "records": made_record(client),
    }


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
    assert taken > rounds("SCHEMA_BODIES") / 5


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
