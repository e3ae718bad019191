"""What tests of exports do again and again."""

import json
from typing import Any

from tests.client import Answer, Client


def begin(client: Client, resource: str = "contacts", **asked: Any) -> Any:
    """An export that has begun, of NDJSON unless told otherwise."""
    given = {"format": "ndjson", "resource": resource} | asked
    if "resources" in asked:
        del given["resource"]
    return client.create("/exports", given)


def ended(client: Client, export: Any) -> Any:
    """The export once its job has ended."""
    for _ in range(6):
        job = client.post(f"/jobs/{export['job_id']}/wait", {"wait_seconds": 20}).json
        if job["finished_at"] is not None:
            break
    return client.get(f"/exports/{export['id']}").json


def exported(client: Client, resource: str = "contacts", **asked: Any) -> Any:
    """An export that has succeeded."""
    export = ended(client, begin(client, resource, **asked))
    assert export["state"] == "succeeded", export["problem"]
    return export


def file(client: Client, export: Any, number: int = 1, **headers: str) -> Answer:
    return client.get(f"/exports/{export['id']}/files/{number}", **headers)


def records(client: Client, export: Any) -> list[Any]:
    """The records of all files of an NDJSON export."""
    found: list[Any] = []
    for each in export["result"]["files"]:
        body = file(client, export, each["number"]).body
        found += [json.loads(line) for line in body.splitlines()]
    return found
