"""Types and associations as the tests of this room make them."""

from typing import Any

from tests.client import Answer, Client

TYPES, PATH = "/association_types", "/associations"


def define(client: Client, key: str = "works_on", **fields: Any) -> Any:
    """Creates a type, from contacts to deals unless told otherwise."""
    body = {
        "key": key,
        "from_object": "contacts",
        "to_object": "deals",
        "label": "Works on",
        "inverse_label": "People",
    }
    return client.create(TYPES, body | fields)


def associate(
    client: Client, key: str, from_id: str, to_id: str, **fields: Any
) -> Answer:
    body = {"type": key, "from_id": from_id, "to_id": to_id, **fields}
    return client.post(PATH, body)


def contact(client: Client, name: str = "Ada", **fields: Any) -> str:
    email = f"{name.lower()}@x.example"
    return str(client.create("/contacts", {"email": email, **fields})["id"])


def deal(client: Client, name: str = "Deal", **fields: Any) -> str:
    return str(client.create("/deals", {"name": name, **fields})["id"])


def company(client: Client, name: str = "Firm", **fields: Any) -> str:
    return str(client.create("/companies", {"name": name, **fields})["id"])


def found(client: Client, **body: Any) -> list[Any]:
    """The associations that a search finds, the oldest first."""
    return client.pages(PATH, sort_direction="asc", **body)


def condition(field: str, value: Any, operator: str = "eq") -> Any:
    return {"field": field, "operator": operator, "value": value}
