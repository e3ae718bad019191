"""Erases contacts, and looks at what is answered then."""

from typing import Any

from tests.client import Answer, Client

WHY = "Request of 2026-11-28"


def erase(client: Client, path: str, reason: str = WHY, **more: Any) -> Answer:
    return client.post(f"{path}/erase", {"reason": reason, **more})


def erased(client: Client, path: str, **more: Any) -> Any:
    answer = erase(client, path, **more)
    assert answer.status == 200, answer.body
    return answer.json


def ada(client: Client, **fields: Any) -> str:
    made = client.create("/contacts", {"email": "ada@engine.example", **fields})
    return f"/contacts/{made['id']}"


def is_gone(answer: Answer, client: Client) -> bool:
    assert answer.status == 410, (answer.status, answer.body)
    told = answer.json
    assert told["type"].endswith("/gone")
    assert told["erased_id"].startswith("con_")
    assert told["erased_by"] == client.get("/me").json["user"]["id"]
    return told["reason"] == WHY and told["erased_at"] is not None
