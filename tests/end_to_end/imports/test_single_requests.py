"""A row and the single request that it stands for say the same, fault for fault.

Rows are drawn: values that fit and values that do not, for several types of records and
every mode. They are imported in one tenant, and sent one after the other in another one
with the same records. The second tenant is the oracle.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.imports.sending import (
    NDJSON,
    begun,
    ended,
    imported,
    lines,
    put,
    rows_of,
)
from tests.rounds import rounds

Json = dict[str, Any]
Draw = Callable[[random.Random], Any]

MODES = ("create", "upsert", "update", "delete")
ROWS = 25
# What belongs to one tenant's records, or to one request.
_OWN = ("instance", "trace_id")


def _one_of(*values: Any) -> Draw:
    return lambda draw: draw.choice(values)


_WRONG: Sequence[Any] = (
    *(
        None,
        "",
        " ",
        0,
        -1,
        1.5,
        10**12,
        True,
        [],
        ["a"],
        {},
        {"a": 1},
        "\u0000",
        "x" * 300,
    ),
    *("con_000000000000000000000000", "2026-02-30", "ja", "😀", "a@b", "1e400"),
)
_TEXT = _one_of("Ada", " Bo ", "Łódź", "O'Neil", "a\nb", "=1+1")
_EXTERNAL = lambda draw: {"sap": str(draw.randrange(8))}  # noqa: E731 - one of many draws
_CUSTOM = lambda draw: {draw.choice(("plan", "size", "Bad Key")): draw.choice(("a", 1))}  # noqa: E731 - the same
_COMMON: Mapping[str, Draw] = {
    "external_ids": _EXTERNAL,
    "custom_fields": _CUSTOM,
    "tags": _one_of(["a"], ["a", "b"], ["a", "a"], []),
}
FIELDS: Mapping[str, Mapping[str, Draw]] = {
    "contacts": {
        **_COMMON,
        "email": lambda draw: f"p{draw.randrange(30)}@y.example",
        "phone": _one_of("+1 202 555 0100", "030 123", None),
        "first_name": _TEXT,
        "lead_score": _one_of(0, 50, 100, 101),
        "lifecycle_stage": _one_of("lead", "customer", "nobody"),
        "country": _one_of("DE", "de", "Germany"),
    },
    "companies": {
        **_COMMON,
        "name": _TEXT,
        "domain": lambda draw: f"c{draw.randrange(6)}.example",
        "annual_revenue": _one_of(0, 1.25, 999999999999.99, -1),
        "employee_count": _one_of(1, 2_000_000, -3),
    },
    "deals": {
        **_COMMON,
        "name": _TEXT,
        "value": _one_of(1, 12.5, -1, 10**20),
        "currency": _one_of("EUR", "eur", "XXX"),
        "expected_close_date": _one_of("2026-12-31", "31.12.2026"),
    },
    "tasks": {
        "external_ids": _EXTERNAL,
        "name": _TEXT,
        "priority": _one_of("low", "high", "urgent!"),
        "due_date": _one_of("2026-12-31", "tomorrow"),
    },
}


def drawn(draw: random.Random, resource: str) -> Json:
    """A body: mostly good, often with one value that may be wrong, or one too many."""
    fields = FIELDS[resource]
    needed = [name for name in ("email", "name") if name in fields]
    names = {*draw.sample(list(fields), draw.randrange(1, 5)), "external_ids", *needed}
    body = {name: fields[name](draw) for name in sorted(names)}
    if draw.random() < 0.35:
        body[draw.choice((*sorted(fields), "shoe", "id", "name"))] = draw.choice(_WRONG)
    if draw.random() < 0.1:
        body.pop(draw.choice(sorted(body)))
    return body


def told(problem: Json | None) -> Any:
    """What a problem says, but for what is of one request or one tenant alone."""
    if problem is None:
        return None
    said = {name: each for name, each in problem.items() if name not in _OWN}
    faults = said.pop("errors", [])
    said["errors"] = sorted(
        tuple((name, fault[name]) for name in sorted(fault) if name != "record_id")
        for fault in faults
    )
    return said


def single(client: Client, resource: str, mode: str, body: Any) -> tuple[str, Any]:
    """What the single request says: what became of it, and its problem."""
    path = f"/{resource}"
    # Rows are freed of read-only fields, for exports have them.
    freed = {"id"} if mode == "create" else set[str]()
    freed |= {"name"} if resource == "contacts" else set()
    body = {name: each for name, each in body.items() if name not in freed}
    if mode == "create":
        return _said(client.post(path, body), {201: "created"})
    if mode == "upsert":
        answer = client.post(f"{path}/upsert", {**body, "match_on": "external_ids.sap"})
        if answer.status == 200:
            return answer.json["status"], None
        return _said(answer, {})
    found = _matched(client, path, body)
    if found is None:
        return "failed", "no value"
    if mode == "delete":
        return _said(client.delete(f"{path}/{found}"), {204: "deleted"})
    body = {name: each for name, each in body.items() if name != "id"}
    return _said(client.patch(f"{path}/{found}", body), {200: "updated"})


def _matched(client: Client, path: str, body: Any) -> Any:
    ids = body.get("external_ids")
    value = ids.get("sap") if isinstance(ids, dict) else None
    if not isinstance(value, str) or not value:
        return None
    asked = {"field": "external_ids.sap", "operator": "eq", "value": value}
    page = client.search(path, filters=[asked])["data"]
    return page[0]["id"] if page else "none"


def _said(answer: Answer, good: Mapping[int, str]) -> tuple[str, Any]:
    if answer.status in good:
        return good[answer.status], None
    return "failed", told(answer.json)


@pytest.fixture
def seed() -> int:
    """A seed that a failing test shows."""
    chosen = random.randrange(2**32)
    print("seed", chosen)
    return chosen


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("resource", sorted(FIELDS))
def test_a_row_says_what_a_single_request_says(
    owner: Client, stranger: Client, resource: str, mode: str, seed: int
) -> None:
    draw = random.Random(seed)
    for _ in range(rounds("IMPORTED_ROWS")):
        _compare(draw, owner, stranger, resource, mode)


def _compare(
    draw: random.Random, owner: Client, oracle: Client, resource: str, mode: str
) -> None:
    start = [drawn(draw, resource) for _ in range(8)] if mode != "create" else []
    bodies = [drawn(draw, resource) for _ in range(ROWS)]
    for body in start:
        statuses = {each.post(f"/{resource}", body).status for each in (owner, oracle)}
        assert len(statuses) == 1
    more: Json = {"resource": resource, "mode": mode, "format": NDJSON}
    if mode != "create":
        more["match_on"] = "external_ids.sap"
    found = imported(owner, lines(bodies), **more)
    state = "failed" if found["failed"] == len(bodies) else "succeeded"
    assert found["state"] == state, found["problem"]
    rows = rows_of(owner, found["id"], limit=100)
    assert [each["row"] for each in rows] == list(range(1, len(bodies) + 1))
    for row, body in zip(rows, bodies, strict=True):
        status, problem = single(oracle, resource, mode, body)
        became = "updated" if row["status"] == "unchanged" else row["status"]
        context = (body, row, status, problem)
        assert became == status, context
        missing = status == "failed" and not isinstance(problem, dict)
        if problem is not None and not missing:
            assert told(row["problem"]) == problem, context
    assert _records(owner, resource) == _records(oracle, resource)


def _records(client: Client, resource: str) -> list[str]:
    """All records, without what only one tenant has."""
    own = (
        "id",
        "etag",
        "owner_id",
        "created_by",
        "pipeline_id",
        "stage_id",
        "assignee_id",
    )
    found = [
        {
            name: each
            for name, each in record.items()
            if name not in own and not name.endswith("_at")
        }
        for record in client.pages(f"/{resource}", limit=100)
    ]
    return sorted(map(repr, found))


def test_a_cell_becomes_the_value_that_a_dry_run_shows(
    owner: Client, stranger: Client
) -> None:
    cells = ("Ja", "nein", "1.234,5", "31.12.2026", "a|b", " x ", "", "'=1", "-", "0")
    content = "Email;Vorname;lead score;tags;custom_fields.a\n" + "".join(
        f"p{number}@z.example;{cell};{cell};{cell};{cell}\n"
        for number, cell in enumerate(cells)
    )
    more = {"locale": "de-DE"}
    shown = imported(owner, content.encode(), dry_run=True, **more)["result"]["rows"]
    import_id = begun(owner, **more)
    put(owner, import_id, content.encode())
    ended(owner, import_id)
    rows = rows_of(owner, import_id)
    assert [told(each["problem"]) for each in shown] == [
        told(each["problem"]) for each in rows
    ]
    for each, row in zip(shown, rows, strict=True):
        status, problem = single(stranger, "contacts", "create", each["values"])
        assert (row["status"], told(row["problem"])) == (status, problem)
