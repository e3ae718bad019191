"""What tests of merges do again and again."""

from collections.abc import Mapping
from typing import Any

from tests.client import Client


def merge(client: Client, survivor: str, *others: str, **more: Any) -> Any:
    """Merges contacts, or what `path` says; the answer."""
    path = more.pop("path", "/contacts")
    body = {"ids": list(others), **more}
    answer = client.post(f"{path}/{survivor}/merge", body)
    assert answer.status == 200, answer.body
    return answer.json


def unmerge(
    client: Client, survivor: str, merge_id: str, path: str = "/contacts"
) -> Any:
    """Undoes a merge; the answer."""
    answer = client.post(f"{path}/{survivor}/unmerge", {"merge_id": merge_id})
    assert answer.status == 200, answer.body
    return answer.json


def contact(client: Client, name: str, **fields: Any) -> str:
    """A new contact; its id."""
    body = {"email": f"{name}@x.example", **fields}
    return str(client.create("/contacts", body)["id"])


def without_time(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record but for when it was changed."""
    return {name: each for name, each in record.items() if name != "updated_at"}
