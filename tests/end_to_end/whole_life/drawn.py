"""Random operations on what there is in a model."""

from typing import Any

from hypothesis import strategies as st

from tests.end_to_end.whole_life.model import Model
from tests.end_to_end.whole_life.operations import Operation
from tests.end_to_end.whole_life.records import (
    ENDS,
    FIELDS,
    LEADS,
    MERGEABLE,
    OWNED,
    STAGES,
    TYPES,
    Values,
    links_of,
    path_of,
)

WORDS = st.sampled_from(["Ada", "Engines", "x", "Ünïcode"])
OR_NONE = st.none() | WORDS
TAGS = st.lists(st.sampled_from(["vip", "new", "old"]), unique=True, max_size=2)
FEW = st.sampled_from(["1", "2", "3"])
GIVEN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "companies": {"name": WORDS, "industry": OR_NONE, "tags": TAGS},
    "contacts": {"first_name": OR_NONE, "tags": TAGS},
    "deals": {
        "name": WORDS,
        "value": st.none() | st.integers(0, 3),
        "currency": st.sampled_from(["EUR", "USD", "CHF"]),
        "lost_reason": OR_NONE,
    },
    "records": {"name": WORDS},
    "tasks": {"name": WORDS},
    "notes": {"body": WORDS},
    "activities": {"subject": OR_NONE},
    "associations": {"role": OR_NONE},
}
NEEDED: dict[str, Values] = {
    "companies": {"name": "Acme"},
    "contacts": {"email": "a@x.example"},
    "deals": {"name": "Pump"},
    "records": {"name": "R"},
    "tasks": {"name": "Call"},
    "notes": {"body": "Hi"},
    "activities": {"type": "call"},
}
_EVERY = tuple(FIELDS)
EXTERNAL = "external_ids.crm"
_METHODS = (
    *("create", "create", "update", "update", "update", "delete", "delete"),
    *("restore", "restore", "restore", "get"),
)


class Drawn:
    """Draws operations. Those that a model cannot take yet become creations."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def of(self, strategy: st.SearchStrategy[Any]) -> Any:
        return self._data.draw(strategy)

    def one(self, labels: list[str]) -> str:
        return str(self.of(st.sampled_from(labels)))

    def operation(self, model: Model, number: int) -> Operation:
        """An operation; what it makes has this number in its label."""
        method = self.of(st.sampled_from(_METHODS))
        known = {
            "create": [],
            "restore": model.dead(*_EVERY),
            "update": [*model.records, *model.survivors * 8],
        }.get(method, list(model.records))
        # Now and then a record that was restored, deleted or merged already.
        if method == "restore" and self.of(st.integers(0, 9)) == 0:
            known = list(model.records)
        if not known:
            return self.creation(model, number)
        label = self.one(known)
        body = self._change(model, label) if method == "update" else None
        return Operation(method, label, body)

    def upsert(self, model: Model, number: int) -> Operation:
        """A change of the record with an external id, or a creation with a new one.

        What a merged record had leads to its survivor, which other tests try.
        """
        led = {e.get(EXTERNAL) for e in model.records.values() if e.into}
        known = [
            label
            for label in model.living(*MERGEABLE)
            if model.records[label].get(EXTERNAL) not in {None, *led}
        ]
        if known and self.of(st.booleans()):
            label, needed = self.one(known), {}
            method, external = "update", model.records[label].get(EXTERNAL)
        else:
            path = self.of(st.sampled_from(MERGEABLE))
            label, needed = f"{path}-{number}", NEEDED[path]
            method, external = "create", f"new {number}"
        given = st.fixed_dictionaries({}, optional=GIVEN[path_of(label)])
        body = {**needed, **self.of(given), "external_ids": {"crm": external}}
        return Operation(method, label, body)

    def creation(self, model: Model, number: int) -> Operation:
        path = self.of(st.sampled_from(_EVERY))
        if path == "associations":
            types = [k for k, ends in TYPES.items() if all(map(model.living, ends))]
            if types:
                key = self.one(types)
                ends = (self._end(model, each) for each in TYPES[key])
                body = {"type": key, **dict(zip(ENDS, ends, strict=True))}
                role = self.of(OR_NONE)
                return Operation("create", f"{path}-{number}", body | {"role": role})
            path = "companies"
        links = self._links(model, path, needs_one=path in OWNED)
        if path in OWNED and not links:
            path, links = "contacts", {}
        if path == "deals":
            links["stage_id"] = self.one([*STAGES])
        body = NEEDED[path] | self._plain(path) | links
        return Operation("create", f"{path}-{number}", _nested(body))

    def person(self, model: Model, label: str) -> Values:
        """The values of a contact that nobody else has the like of."""
        unique = {"email": f"{label}@x.example", "external_ids": {"crm": label}}
        unique |= {"custom_fields": {"badge": label}}
        given = st.fixed_dictionaries({}, optional=GIVEN["contacts"])
        links = self._links(model, "contacts", needs_one=False)
        return {**unique, **self.of(given), **links}

    def _change(self, model: Model, label: str) -> Values:
        path = path_of(label)
        links = self._links(model, path, needs_one=False)
        is_cleared = path not in (*OWNED, "associations") and self.of(st.booleans())
        if is_cleared and links_of(path):
            links |= {self.one(links_of(path)): None}
        return _nested(self._plain(path) | links)

    def _plain(self, path: str) -> Values:
        """Values of fields that are no links, keys too."""
        fields: dict[str, Any] = dict(GIVEN[path])
        if "external_ids" in FIELDS[path]:
            fields["external_ids.crm"] = st.none() | FEW
        if path == "contacts":
            fields["custom_fields.plan"] = st.none() | FEW
            fields["custom_fields.badge"] = st.none() | FEW
        values = self.of(st.fixed_dictionaries({}, optional=fields))
        return dict(values)

    def _links(self, model: Model, path: str, *, needs_one: bool) -> Values:
        """Links to living records, and to what was merged into such."""
        found = {}
        for name in links_of(path):
            if self.of(st.booleans()) and (end := self._end(model, LEADS[name])):
                found[name] = end
        if needs_one and not found:
            for name in links_of(path):
                if end := self._end(model, LEADS[name]):
                    return {name: end}
        return found

    def _end(self, model: Model, path: str) -> str:
        living = [
            label
            for label, each in model.records.items()
            if each.path == path and model.records[model.survivor(label)].lives
        ]
        return self.one(living) if living else ""


def _nested(values: Values) -> Values:
    body: Values = {}
    for name, value in values.items():
        struct, _, key = name.partition(".")
        if key:
            body.setdefault(struct, {})[key] = value
        else:
            body[name] = value
    return body
