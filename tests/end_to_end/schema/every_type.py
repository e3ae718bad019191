"""Records with a field of every type, for validators of others to judge bodies of."""

import random
from typing import Any

from tests.client import Client
from tests.end_to_end.schema.custom import RECORDS, define_object
from tests.end_to_end.schema.defining import OPTIONS

TABLES = ["contacts", "companies", "deals", "tasks", "notes", "activities"]
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
    define(client, table, "computed", "formula", expression="1 + 1")
    archived = define(client, table, "archived", "text")
    assert client.delete(f"/fields/{archived['id']}").status == 204


def made_ids(client: Client) -> dict[str, str]:
    """The id of a record of each kind that fields refer to."""
    company = client.create("/companies", {"name": "Engines"})
    define_object(client)
    return {
        "contacts": client.create("/contacts", {"email": "a@x.example"})["id"],
        "companies": company["id"],
        "deals": client.create("/deals", {"name": "Engine"})["id"],
        "users": company["owner_id"],
        "records": client.create(RECORDS, {"name": "Basic"})["id"],
    }
