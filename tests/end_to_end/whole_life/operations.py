"""What is done to a tenant: in the model, by single requests, and by batches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.client import Answer, Client
from tests.end_to_end.whole_life.model import Model, RefusedError
from tests.end_to_end.whole_life.records import (
    FIELDS,
    KEYED,
    OBJECT,
    PATHS,
    Values,
    path_of,
)

_METHODS = {"update": "PATCH", "delete": "DELETE", "get": "GET"}


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done to the record with a label, or makes it. Links are labels."""

    method: str
    label: str
    body: Values | None = None

    def used(self) -> set[str]:
        """The labels that it names."""
        body = self.body or {}
        texts = [*body.values(), *body.get("custom_fields", {}).values()]
        return {each for each in (self.label, *texts) if isinstance(each, str)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is answered: a status, the record's label, and its fields."""

    status: int
    label: str = ""
    values: Values | None = None


def foretell(model: Model, operation: Operation) -> Outcome:
    """Does an operation in the model."""
    label, given = operation.label, operation.body or {}
    try:
        match operation.method:
            case "create":
                made = model.create(label, given)
                if made != label:
                    return _outcome(model, 200, made)
                return _outcome(model, 201, label)
            case "update":
                model.update(label, given)
            case "delete":
                model.delete(label)
                return Outcome(204)
            case "restore":
                model.restore(label)
            case _:
                model.one(label)
    except RefusedError as error:
        return Outcome(error.status)
    return _outcome(model, 200, label)


def foretell_all(
    model: Model, operations: Sequence[Operation], atomic: bool
) -> tuple[Model, list[Outcome]]:
    """Does a batch in a copy of the model."""
    after, found, failed = deepcopy(model), [], set[str]()
    for each in operations:
        is_told = not failed & each.used()
        outcome = foretell(after, each) if is_told else Outcome(424)
        if outcome.status >= 400 and each.method == "create":
            failed.add(each.label)
        found.append(outcome)
    if atomic and any(each.status >= 400 for each in found):
        return model, found
    return after, found


def _outcome(model: Model, status: int, label: str) -> Outcome:
    label = model.survivor(label)
    return Outcome(status, label, deepcopy(model.records[label].values))


@dataclass(slots=True)
class Door:
    """A tenant's client, and the ids of its records by their labels."""

    client: Client
    ids: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def at(self, label: str) -> str:
        path = path_of(label)
        return f"{PATHS.get(path, '/' + path)}/{self.ids[label]}"

    def keep(self, label: str, record: Any) -> None:
        if record["id"] not in self.labels:
            self.ids[label], self.labels[record["id"]] = record["id"], label

    def told(self, path: str, record: Any) -> Values:
        """The fields that the model foretells, with labels in the place of ids."""
        found = {}
        for name, unset in FIELDS[path].items():
            value = record.get(name, unset)
            if name in KEYED:
                value = {k: v for k, v in value.items() if v is not None}
            found[name] = self._named(value)
        return found

    def _named(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: self._named(each) for k, each in value.items()}
        if isinstance(value, list):
            return [self._named(each) for each in value]
        return self.labels.get(value, value) if isinstance(value, str) else value

    def filled(self, value: Any, new: Sequence[str] = ()) -> Any:
        """What is sent: ids in the place of labels, and refs of `new` records."""
        if isinstance(value, dict):
            return {k: self.filled(each, new) for k, each in value.items()}
        if isinstance(value, str):
            return f"@{value}" if value in new else self.ids.get(value, value)
        return value

    def single(self, operation: Operation, **headers: str) -> Outcome:
        """Does it by a request of its own."""
        label, path = operation.label, path_of(operation.label)
        body = self.filled(operation.body)
        if operation.method == "create":
            at = PATHS.get(path, f"/{path}")
            answer = self.client.post(at, body, **headers)
        elif operation.method == "restore":
            answer = self.client.post(f"{self.at(label)}/restore", **headers)
        else:
            method = _METHODS[operation.method]
            answer = self.client.send(method, self.at(label), body, **headers)
        told = answer.json if answer.body else None
        with self._made(bool(headers)):
            return self._outcome(operation, answer.status, told)

    def upsert(self, operation: Operation) -> Outcome:
        """Does it by an upsert that goes by an external id."""
        path = path_of(operation.label)
        body = {**(operation.body or {}), "match_on": "external_ids.crm"}
        answer = self.client.post(f"{PATHS.get(path, '/' + path)}/upsert", body)
        status = 201 if answer.json.get("status") == "created" else answer.status
        return self._outcome(operation, status, answer.json.get("data"))

    def batch(
        self, operations: Sequence[Operation], atomic: bool, **headers: str
    ) -> tuple[Answer, list[Outcome]]:
        """Does them in one batch."""
        new = [each.label for each in operations if each.method == "create"]
        given = []
        for each in operations:
            path = path_of(each.label)
            item: Values = {"method": each.method, "resource": path}
            if path == "records":
                item["object"] = OBJECT
            if each.method == "create":
                item["ref"] = each.label
            else:
                item["id"] = self.filled(each.label, new)
            if each.body is not None:
                item["body"] = self.filled(each.body, new)
            given.append(item)
        body = {"operations": given, "atomic": atomic}
        answer = self.client.post("/batch", body, **headers)
        results = answer.json.get("data", ()) if answer.status < 400 else ()
        pairs = list(zip(operations, results, strict=bool(results)))
        with self._made(bool(headers)):
            for each, result in pairs:
                if each.method == "create" and result["status"] < 300:
                    self.keep(each.label, result["record"])
            return answer, [
                self._outcome(each, one["status"], one.get("record"))
                for each, one in pairs
            ]

    @contextmanager
    def _made(self, is_dry: bool) -> Iterator[None]:
        """Forgets in the end what a dry run has made."""
        before = dict(self.ids), dict(self.labels)
        yield
        if is_dry:
            self.ids, self.labels = before

    def _outcome(self, operation: Operation, status: int, told: Any) -> Outcome:
        if status >= 300 or not told:
            return Outcome(status)
        if operation.method == "create":
            self.keep(operation.label, told)
        path = path_of(operation.label)
        return Outcome(status, self.labels[told["id"]], self.told(path, told))
