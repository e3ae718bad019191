"""Compares everything that can be read of a tenant with its model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.end_to_end.whole_life import past
from tests.end_to_end.whole_life.merges import Merge
from tests.end_to_end.whole_life.model import Model
from tests.end_to_end.whole_life.operations import Door, Operation
from tests.end_to_end.whole_life.records import (
    ENDS,
    FIELDS,
    LEADS,
    PATHS,
    links_of,
)

_BY_API = {"field": "source", "operator": "eq", "value": "api"}


@dataclass(slots=True)
class Reader:
    """Reads a tenant after each step, and remembers what it has read of each record.

    `seen` are the states that stood after some step, by the times since when they did.
    """

    door: Door
    etags: dict[str, int] = field(default_factory=dict)
    seen: dict[str, dict[str, tuple[int, past.State]]] = field(default_factory=dict)

    def compare(self, model: Model) -> None:
        """Compares all reads; of records that have changed the past, too."""
        every = {
            label: each
            for deleted in (False, True)
            for path in FIELDS
            for label, each in self._search(model, path, deleted).items()
        }
        changed = self._records(model, every)
        for label in changed:
            self._past(label, every[label])
        merged = [k for k, each in model.records.items() if each.into is not None]
        for label in merged:
            self._old_id(model, label, every)
        for label in {*changed[-1:], *merged}:
            self._links(model, label)

    def _search(self, model: Model, path: str, deleted: bool) -> Mapping[str, Any]:
        """All records of a type, by their labels."""
        body: dict[str, Any] = {"deleted": True} if deleted else {}
        body |= {"filters": [_BY_API]} if path == "activities" else {}
        at = PATHS.get(path, f"/{path}")
        answer = self.door.client.search(at, limit=100, include_total=True, **body)
        found = {self.door.labels[each["id"]]: each for each in answer["data"]}
        expected = model.dead(path) if deleted else model.living(path)
        assert sorted(found) == sorted(expected), (path, body)
        assert answer["meta"]["total"] == len(expected), (path, body, answer)
        for label, each in found.items():
            told = self.door.told(path, each)
            expected_values = model.records[label].values
            assert told == expected_values, (label, told, expected_values)
            assert ("deleted_at" in each) == deleted
        return found

    def _records(self, model: Model, every: Mapping[str, Any]) -> list[str]:
        """Gets each record by its id. Returns the labels of those that have changed."""
        changed = []
        gets = [Operation("get", label) for label in model.records]
        answer, _ = self.door.batch(gets, atomic=False)
        for label, told in zip(model.records, answer.json["data"], strict=True):
            survivor = model.survivor(label)
            if model.records[survivor].lives:
                assert told.get("record") == every[survivor], (label, told)
                is_new = label == survivor and self._is_new(label, told)
            else:
                is_erased = model.records[survivor].erased
                assert told["status"] == (410 if is_erased else 404), (label, told)
                is_known = self.etags.pop(label, None) is not None
                is_new = is_known and label == survivor and not is_erased
            changed += [label] if is_new else []
        return changed

    def _is_new(self, label: str, told: Any) -> bool:
        """Whether a record has another version than before: then it may differ."""
        etag, state = int(told["etag"].strip('"')), past.state_of(told["record"])
        before = self.seen.setdefault(label, {})
        if etag == self.etags.get(label):
            assert (etag, state) == list(before.values())[-1], label
            return False
        assert etag > max((each for each, _ in before.values()), default=0), label
        self.etags[label] = etag
        before[told["record"]["updated_at"]] = etag, state
        return True

    def _past(self, label: str, record: Any) -> None:
        """Each state that stood after some step is in the history, and as of then."""
        at, client = self.door.at(label), self.door.client
        found = past.states(record, past.history(client, at))
        seen = self.seen.get(label, {})
        for since, (_, state) in seen.items():
            told = next(s for begun, s in found if not past.is_after(begun, since))
            assert told == state, (label, since)
        etags = {since: etag for since, (etag, _) in seen.items()}
        past.compare_past(client, at, found, etags)

    def _old_id(self, model: Model, label: str, every: Mapping[str, Any]) -> None:
        """An old id leads to its survivor, and has its own past before the merge."""
        client, at = self.door.client, self.door.at(label)
        for since, (_, state) in list(self.seen[label].items())[-1:]:
            then = past.as_of(client, at, since).json
            assert past.state_of(then) == state, label
        survivor = model.survivor(label)
        answer, new = client.get(at), self.door.at(survivor)
        if not model.records[survivor].lives:
            assert answer.status == 404, answer.body
            return
        assert answer.json == every[survivor], label
        assert answer.headers["content-location"] == f"/v1{new}"
        assert past.history(client, at) == past.history(client, new), label

    def _links(self, model: Model, label: str) -> None:
        """Finds records by one that they lead to, also by an id that was merged."""
        its, survivor = model.records[label].path, model.survivor(label)
        if its not in LEADS.values() or not model.records[survivor].lives:
            return
        for path in FIELDS:
            for name in links_of(path):
                if LEADS[name] == its:
                    self._linked(model, path, name, label)
        names = {"associations": ENDS, "activities": links_of("activities")}
        for path, fields in names.items():
            expected = [
                key
                for key in model.living(path)
                if survivor in [model.records[key].get(name) for name in fields]
            ]
            assert self._found(path, "record_id", label) == sorted(expected), label

    def compare_merges(self, merges: Mapping[str, Merge]) -> None:
        """Finds all merges, and whether they were undone."""
        found = self.door.client.pages("/merges")
        told = {each["id"]: each["undone_at"] is not None for each in found}
        assert told == {name: each.is_undone for name, each in merges.items()}

    def _linked(self, model: Model, path: str, name: str, label: str) -> None:
        survivor = model.survivor(label)
        expected = [
            key
            for key in model.living(path)
            if model.records[key].get(name) == survivor
        ]
        assert self._found(path, name, label) == sorted(expected), (path, name, label)

    def _found(self, path: str, name: str, label: str) -> list[str]:
        condition = {"field": name, "operator": "eq", "value": self.door.ids[label]}
        also = [_BY_API] if path == "activities" else []
        answer = self.door.client.search(
            PATHS.get(path, f"/{path}"),
            filters=[condition, *also],
            limit=100,
            fields=["id"],
        )
        return sorted(self.door.labels[each["id"]] for each in answer["data"])
