"""Sends files to imports, and waits for what becomes of their rows."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.client import Answer, Client

CSV, NDJSON = "csv", "ndjson"


def begun(client: Client, resource: str = "contacts", **more: Any) -> str:
    """Begins an import, and returns its id."""
    body = {"resource": resource, "mode": "create", "format": CSV, **more}
    return str(client.create("/imports", body)["id"])


def put(client: Client, import_id: str, content: bytes, **headers: str) -> Answer:
    """Sends a whole content."""
    given = {"content_type": "text/csv", **headers}
    return client.send("PUT", f"/imports/{import_id}/content", content, **given)


def put_part(client: Client, import_id: str, number: int, content: bytes) -> Answer:
    """Sends a part of a content."""
    path = f"/imports/{import_id}/content/{number}"
    return client.send("PUT", path, content, content_type="text/csv")


def ended(client: Client, import_id: str) -> Any:
    """Waits until an import has ended, and returns it."""
    found = client.get(f"/imports/{import_id}").json
    while found["state"] in ("waiting", "running"):
        client.post(f"/jobs/{found['job_id']}/wait", {"wait_seconds": 20})
        found = client.get(f"/imports/{import_id}").json
    return found


def imported(client: Client, content: bytes, **more: Any) -> Any:
    """Imports a content, and returns the import at its end."""
    import_id = begun(client, **more)
    answer = put(client, import_id, content)
    assert answer.status == 200, answer.body
    return ended(client, import_id)


def rows_of(client: Client, import_id: str, **more: Any) -> list[Any]:
    """What became of the rows of an import."""
    return client.pages(f"/imports/{import_id}/rows", **more)


def errors_of(client: Client, import_id: str) -> bytes:
    """The file of rejected rows."""
    answer = client.get(f"/imports/{import_id}/errors.csv")
    assert answer.status == 200, answer.body
    return answer.body


def table(header: str, *rows: str) -> bytes:
    """A table with a header."""
    return ("\n".join([header, *rows]) + "\n").encode()


def lines(values: Iterable[Any]) -> bytes:
    """Values as NDJSON."""
    return b"".join(json.dumps(each).encode() + b"\n" for each in values)


def statuses(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What became of rows, in words."""
    return [each["status"] for each in rows]
