"""Every kind of record that can be restored, and how one of it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.client import Client

OBJECT = {"slug": "licenses", "singular_label": "License", "plural_label": "Licenses"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Where records are, and the body of one; some need others before."""

    path: str
    body: Callable[[Client], Mapping[str, Any]]

    def __str__(self) -> str:
        return self.path.rpartition("/")[2]


def _plain(**body: Any) -> Callable[[Client], Mapping[str, Any]]:
    return lambda _: body


def _linked(**body: Any) -> Callable[[Client], Mapping[str, Any]]:
    def linked(client: Client) -> Mapping[str, Any]:
        contact = client.create("/contacts", {"email": "linked@x.example"})
        return body | {"contact_id": contact["id"]}

    return linked


def _custom(client: Client) -> Mapping[str, Any]:
    client.create("/objects", OBJECT)
    return {"name": "L-1", "external_ids": {"erp": "1"}}


def _association(client: Client) -> Mapping[str, Any]:
    deal = client.create("/deals", {"name": "D"})
    contact = client.create("/contacts", {"email": "end@x.example"})
    ends = {"from_id": deal["id"], "to_id": contact["id"]}
    return {"type": "deal_contacts", "role": "Buyer", **ends}


EVERY = (
    Kind(
        "/contacts", _plain(email="a@x.example", tags=["vip"], custom_fields={"a": 1})
    ),
    Kind("/companies", _plain(name="Engines", external_ids={"erp": "1"})),
    Kind("/deals", _linked(name="D", value=10.5, expected_close_date="2026-12-01")),
    Kind("/tasks", _linked(name="Call", due_date="2026-12-01")),
    Kind("/notes", _linked(body="Hello", custom_fields={"a": "b"})),
    Kind("/activities", _linked(type="call", metadata={"a": [1]})),
    Kind("/objects/licenses/records", _custom),
    Kind("/associations", _association),
)


def made(client: Client, kind: Kind) -> tuple[str, Any]:
    """Makes a record. Returns the path of its kind, and the record."""
    return kind.path, client.create(kind.path, kind.body(client))
