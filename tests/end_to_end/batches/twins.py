"""Random operations, run by batches in one tenant and singly in its twin.

Records have labels, because their ids differ: an operation names what it is about by
the label, and answers are compared with labels in the place of ids.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.client import Answer, Client
from tests.promises.record_values import UNKNOWN_DIGITS

Body = dict[str, Any]

OBJECT = "projects"
RESOURCES = ("companies", "contacts", "deals", "tasks", "notes", "activities")
EVERY = (*RESOURCES, "associations", "records")
_ID = re.compile(r"\b(con|cmp|deal|task|note|act|ass|rec)_[0-9a-f]{24}\b")
_PREFIXES = {"companies": "cmp", "contacts": "con", "deals": "deal", "records": "rec"}

# What no two runs have in common.
_FLEETING = {
    *("created_at", "updated_at", "trace_id", "instance", "occurred_at"),
    *("stage_changed_at", "last_contacted_at", "closed_at", "owner_id", "created_by"),
    *("assignee_id", "author_id", "actor_id", "stage_id", "pipeline_id"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What to do. `label` is that of the record that it makes, or is about.

    Values of the body that begin with `#` are labels.
    """

    method: str
    resource: str
    label: str
    body: Body | None = None
    if_match: str | None = None


@dataclass(slots=True)
class Side:
    """One of the twins: its client, and the ids of its records by their labels."""

    client: Client
    ids: dict[str, str] = field(default_factory=dict)

    def id_of(self, label: str) -> str:
        """The id of a record, or one that no record has."""
        prefix = label.partition("-")[0]
        return self.ids.get(label, f"{prefix}_{UNKNOWN_DIGITS}")

    def named(self, value: Any) -> Any:
        """What was answered, with labels in the place of ids."""
        labels = {each: label for label, each in self.ids.items()}
        if isinstance(value, dict):
            return {k: self.named(v) for k, v in value.items() if k not in _FLEETING}
        if isinstance(value, list | tuple):
            return [self.named(each) for each in value]
        if isinstance(value, str):
            return _ID.sub(lambda found: labels.get(found[0], found[1]), value)
        return value

    def state(self) -> list[str]:
        """All records, in an order that depends on what they say alone."""
        paths = [f"/{each}" for each in (*RESOURCES, "associations")]
        found = [
            self.named(record)
            for path in (*paths, f"/objects/{OBJECT}/records")
            for record in self.client.pages(path, limit=100)
        ]
        return sorted(repr(sorted(each.items())) for each in found)


class Operations:
    """Makes random operations that belong together."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._labels: dict[str, list[str]] = {each: [] for each in EVERY}
        self._number = 0

    def several(self, most: int) -> list[Operation]:
        """Operations; many follow one another by resource and method."""
        found: list[Operation] = []
        while len(found) < most:
            resource = self._random.choice(EVERY)
            method = self._random.choices(
                ("create", "update", "upsert", "delete", "get"), (6, 2, 2, 1, 2)
            )[0]
            if method == "upsert" and resource == "associations":
                continue
            for _ in range(self._random.choice((1, 1, 2, 5))):
                found.append(self._one(method, resource))
        return found[:most]

    def _one(self, method: str, resource: str) -> Operation:
        known = self._labels[resource]
        if method in ("create", "upsert"):
            label = self._new(resource)
            body = self._body(resource)
            if method == "upsert":
                name = f"crm-{self._random.randrange(6)}"
                body |= {"external_ids": {"crm": name}, "match_on": "external_ids.crm"}
            return Operation(method, resource, label, body)
        label = self._random.choice(known) if known else f"{self._prefix(resource)}-x"
        if_match = self._random.choice((None, None, '"1"', '"2"'))
        if method == "get":
            return Operation(method, resource, label)
        change = self._change(resource) if method == "update" else None
        return Operation(method, resource, label, change, if_match)

    def _new(self, resource: str) -> str:
        self._number += 1
        label = f"{self._prefix(resource)}-{self._number}"
        self._labels[resource].append(label)
        return label

    @staticmethod
    def _prefix(resource: str) -> str:
        other = {"tasks": "task", "notes": "note", "activities": "act"}
        return {**_PREFIXES, **other, "associations": "ass"}[resource]

    def _link(self, resource: str) -> str | None:
        """The label of a record, most often of one that is there; or no id."""
        known = self._labels[resource]
        if not known or self._random.random() < 0.1:
            return self._random.choice((None, f"#{_PREFIXES[resource]}-nobody"))
        return f"#{self._random.choice(known)}"

    def _body(self, resource: str) -> Body:
        n, chance = self._number, self._random.random()
        tags = [["VIP"], [], ['a "quoted" \\ one', "b,{}"]][n % 3]
        bodies: dict[str, Body] = {
            "companies": {"name": f"C{n}", "tags": tags},
            "contacts": {
                "email": f"c{n}@x.example",
                "company_id": self._link("companies"),
                "tags": tags,
                "custom_fields": {"seats": n},
            },
            "deals": {
                "name": f"D{n}",
                "value": n + 0.5,
                "contact_id": self._link("contacts"),
                "expected_close_date": "2026-12-24",
            },
            "tasks": {"name": f"T{n}", "deal_id": self._link("deals")},
            "notes": {"body": f"N{n}", "contact_id": self._link("contacts")},
            "activities": {
                "type": "call",
                "subject": f"A{n}",
                "contact_id": self._link("contacts"),
                "metadata": {"n": [n]},
            },
            "associations": {
                "type": "deal_contacts",
                "from_id": self._link("deals"),
                "to_id": self._link("contacts"),
            },
            "records": {"name": f"R{n}"},
        }
        body = {k: v for k, v in bodies[resource].items() if v is not None}
        if chance < 0.1 and resource != "associations":
            body["external_ids"] = {"erp": f"e-{self._random.randrange(4)}"}
        if chance > 0.95:
            body["nonsense"] = n
        if chance > 0.9:
            body.pop(next(iter(body)))
        return body

    def _change(self, resource: str) -> Body:
        n = self._random.randrange(3)
        if resource == "associations":
            return {"role": f"role {n}"}
        name = {"contacts": "city", "notes": "body", "activities": "subject"}
        return {name.get(resource, "name"): ["Rome", "Oslo", 7][n]}


def single(side: Side, operation: Operation, failed: set[str]) -> tuple[int, Any]:
    """Does it alone. Returns its status and what was answered, with labels."""
    used = {operation.label} if operation.method not in ("create", "upsert") else set()
    used |= set(_labels_in(operation.body))
    if used & failed:
        failed.add(operation.label)
        return 424, None
    answer = _send(side, operation)
    told: Any = answer.json if answer.body else None
    if operation.method == "upsert" and answer.status == 200:
        made, told = told["status"] == "created", told["data"]
        return _kept(side, operation, 201 if made else 200, told, failed)
    return _kept(side, operation, answer.status, told, failed)


def _kept(
    side: Side, operation: Operation, status: int, told: Any, failed: set[str]
) -> tuple[int, Any]:
    makes = operation.method in ("create", "upsert")
    if status < 300 and makes and told["id"] not in side.ids.values():
        side.ids[operation.label] = told["id"]
    elif makes and status < 300:
        same = next(k for k, v in side.ids.items() if v == told["id"])
        side.ids[operation.label] = side.ids[same]
    elif makes:
        failed.add(operation.label)
    return status, told


def _labels_in(body: Body | None) -> Iterator[str]:
    for value in (body or {}).values():
        if isinstance(value, str) and value.startswith("#"):
            yield value[1:]


def _send(side: Side, operation: Operation) -> Answer:
    path = f"/{operation.resource}"
    if operation.resource == "records":
        path = f"/objects/{OBJECT}/records"
    body, headers = _filled(side, operation.body), {}
    if operation.if_match and operation.method in ("update", "delete"):
        headers["if_match"] = operation.if_match
    if operation.method == "create":
        return side.client.post(path, body)
    if operation.method == "upsert":
        return side.client.post(f"{path}/upsert", body)
    method = {"update": "PATCH", "delete": "DELETE", "get": "GET"}[operation.method]
    at = f"{path}/{side.id_of(operation.label)}"
    return side.client.send(method, at, body, **headers)


def _filled(side: Side, body: Body | None) -> Body | None:
    if body is None:
        return None
    return {
        k: side.id_of(v[1:]) if isinstance(v, str) and v.startswith("#") else v
        for k, v in body.items()
    }


def batch(side: Side, operations: Sequence[Operation]) -> Answer:
    """Does them in one batch: what is made in it is named by its `ref`."""
    made = {e.label for e in operations if e.method in ("create", "upsert")}

    def named(label: str) -> str:
        is_new = label in made and label not in side.ids
        return f"@{label}" if is_new else side.id_of(label)

    given = []
    for each in operations:
        item: Body = {"method": each.method, "resource": each.resource}
        if each.resource == "records":
            item["object"] = OBJECT
        if each.method in ("create", "upsert"):
            item["ref"] = each.label
        else:
            item["id"] = named(each.label)
        if each.body is not None:
            item["body"] = {
                k: named(v[1:]) if isinstance(v, str) and v.startswith("#") else v
                for k, v in each.body.items()
            }
        if each.if_match and each.method in ("update", "delete"):
            item["if_match"] = each.if_match
        given.append(item)
    return side.client.post("/batch", {"operations": given})


def results(
    side: Side, operations: Sequence[Operation], answer: Answer
) -> list[tuple[int, Any]]:
    """The status of each operation of a batch, and what was answered."""
    found = []
    for index, (each, result) in enumerate(
        zip(operations, answer.json["data"], strict=True)
    ):
        told = result.get("record", result.get("problem"))
        if result["status"] == 424:
            told = None
        elif "problem" in result:
            for fault in told.get("errors", ()):
                at = f"operations[{index}].body."
                fault["field"] = fault["field"].removeprefix(at)
        found.append(_kept(side, each, result["status"], told, set()))
    return found
