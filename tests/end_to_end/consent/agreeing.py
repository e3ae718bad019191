"""Topics, consents and suppressions that tests make, and checks of them."""

from collections.abc import Sequence
from typing import Any

from tests.client import Client


def topic(client: Client, name: str = "Newsletter", **others: Any) -> str:
    """A new topic; its id."""
    return str(client.create("/topics", {"name": name, **others})["id"])


def say(
    client: Client, contact: str, topic_id: str, status: str = "granted", **others: Any
) -> Any:
    """A new consent, or a refusal."""
    body = {"contact_id": contact, "topic_id": topic_id, "status": status, **others}
    return client.create("/consents", body)


def suppress(client: Client, address: str, **others: Any) -> str:
    """A new suppression; its id."""
    return str(client.create("/suppressions", {"address": address, **others})["id"])


def check(client: Client, topic_id: str, contacts: Sequence[str]) -> list[Any]:
    """What is told of contacts, in their order."""
    asked = {"contact_ids": list(contacts)}
    answer = client.post(f"/topics/{topic_id}/check", asked)
    assert answer.status == 200, answer.body
    data: list[Any] = answer.json["data"]
    return data


def reason(client: Client, topic_id: str, contact: str) -> str | None:
    """Why a contact may not be written to."""
    (told,) = check(client, topic_id, [contact])
    assert told["allowed"] == (told["reason"] is None)
    given: str | None = told["reason"]
    return given
