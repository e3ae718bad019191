"""What the tests of a tenant's own fields share."""

from typing import Any

from tests.client import Answer, Client

OPTIONS = [
    {"value": "gold", "label": "Gold"},
    {"value": "iron", "label": "Iron"},
    {"value": "tin", "label": "Tin", "archived": True},
]


def definition(kind: str, **more: Any) -> dict[str, Any]:
    """The body that defines the field `it` of contacts, of a type."""
    body: dict[str, Any] = {
        "object": "contacts",
        "key": "it",
        "type": kind,
        "label": "It",
    }
    if kind in ("select", "multi_select"):
        body["options"] = OPTIONS
    if kind == "record":
        body["target"] = "companies"
    return body | more


def define(client: Client, kind: str, **more: Any) -> Any:
    """Defines the field `it` of contacts."""
    return client.create("/fields", definition(kind, **more))


def contact(**custom_fields: Any) -> dict[str, Any]:
    """The body of a contact with custom fields."""
    return {"email": "ada@engine.example", "custom_fields": custom_fields}


def kept(client: Client, **custom_fields: Any) -> Any:
    """Creates a contact and returns the custom fields that it has."""
    return client.create("/contacts", contact(**custom_fields))["custom_fields"]


def refused(answer: Answer) -> dict[str, str]:
    """The codes of a refusal by the names below `custom_fields`."""
    assert answer.status == 422, answer.body
    return {
        field.removeprefix("custom_fields."): code
        for field, code in answer.codes.items()
    }
