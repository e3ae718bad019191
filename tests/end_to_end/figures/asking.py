"""What tests of figures share."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.client import Client

COUNT = {"op": "count", "as": "n"}


def rows(client: Client, path: str, **body: Any) -> list[dict[str, Any]]:
    """The rows of the first page, with exact numbers; counts them if nothing else."""
    answer = client.post(f"/{path}/aggregate", {"measures": [COUNT], **body})
    assert answer.status == 200, answer.body
    read = json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)
    found: list[dict[str, Any]] = read["data"]
    return found


def counts(client: Client, path: str, field: str, **body: Any) -> dict[Any, int]:
    """How many records each group of a field has."""
    group = body.pop("group", {})
    found = rows(client, path, group_by=[{"field": field, **group}], **body)
    return {row["group"][field]: int(row["n"]) for row in found}


def measured(client: Client, path: str, *measures: Sequence[str]) -> dict[str, Any]:
    """Figures of all records, each by its operation and field."""
    given = [
        {"op": op, "field": field, "as": f"m{n}"}
        for n, (op, field) in enumerate(measures)
    ]
    (row,) = rows(client, path, measures=given)
    return {op: row[f"m{n}"] for n, (op, _) in enumerate(measures)}
