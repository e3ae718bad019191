"""What the model of a tenant knows of its records: their fields, and what links them.

Records have labels, such as `notes-3`. A link holds a label.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Values = dict[str, Any]

OBJECT = "projects"
PATHS = {"records": f"/objects/{OBJECT}/records"}
KEYED = ("custom_fields", "external_ids")
_LINKS = dict.fromkeys(("contact_id", "company_id", "deal_id", "custom_record_id"))
_MERGED: Values = {"external_ids": {}, "merged_ids": []}

# The fields that the model foretells, with what an unset one is.
FIELDS: dict[str, Values] = {
    "companies": {"name": None, "industry": None, "tags": [], **_MERGED},
    "contacts": {
        "first_name": None,
        "name": None,
        "email": None,
        "company_id": None,
        "tags": [],
        "custom_fields": {},
        **_MERGED,
    },
    "deals": {
        "name": None,
        "value": None,
        "currency": "USD",
        "stage_id": "Stage New",
        "status": "open",
        "lost_reason": None,
        "contact_id": None,
        "company_id": None,
        **_MERGED,
    },
    "records": {"name": None, "custom_fields": {}, **_MERGED},
    "tasks": {"name": None, **_LINKS},
    "notes": {"body": None, "external_ids": {}, **_LINKS},
    "activities": {"type": None, "subject": None, **_LINKS},
    "associations": {"type": None, "from_id": None, "to_id": None, "role": None},
}
# The stages that deals are in, by the labels of their ids, with the status of each.
STAGES = {
    f"Stage {name}": status
    for name, status in (
        *(("New", "open"), ("Qualified", "open")),
        *(("Won", "won"), ("Lost", "lost")),
    )
}
_PLACED = count(1)
MERGEABLE = ("companies", "contacts", "deals", "records")
# The fields for which merges choose the record that they come from.
CHOSEN = {
    "companies": ("tags",),
    "contacts": ("tags",),
    "deals": ("value", "stage_id"),
}
# These do not live without a link.
OWNED = ("notes", "activities")
# The paths of what links hold, by field. Only records have a field of their own.
LEADS = {
    "company_id": "companies",
    "contact_id": "contacts",
    "deal_id": "deals",
    "custom_record_id": "records",
    "custom_fields.lead": "contacts",
}
ENDS = ("from_id", "to_id")
# The types of association, with the paths of both ends.
TYPES = {"deal_contacts": ("deals", "contacts"), "friends": ("companies", "contacts")}
# What no two records of a type have in common.
UNIQUE = ("external_ids.crm", "custom_fields.badge")


def path_of(label: str) -> str:
    return label.partition("-")[0]


def links_of(path: str) -> list[str]:
    """The fields of a type of records that hold other records."""
    own = ["custom_fields.lead"] if path == "records" else []
    return [each for each in LEADS if each in FIELDS[path]] + own


@dataclass(slots=True)
class Record:
    """A record. `events` count its changes, by which an older one is told from it.

    `into` is the survivor of a merged record. An `ended` association ended by a merge.
    Of an `erased` one a tombstone alone is left.
    """

    path: str
    values: Values
    lives: bool = True
    into: str | None = None
    ended: str | None = None
    erased: bool = False
    events: int = 0
    # When each link was changed last, other than by a merge.
    led_at: dict[str, int] = field(default_factory=dict)
    # What each link held that was led on to a survivor when the record was restored.
    led_from: dict[str, str] = field(default_factory=dict)
    # Which time a deal was placed in its stage: no two are the same.
    placed: int = field(default_factory=lambda: next(_PLACED))

    def get(self, name: str) -> Any:
        struct, _, key = name.partition(".")
        value = self.values.get(struct)
        return (value or {}).get(key) if key else value

    def put(self, name: str, value: Any) -> None:
        struct, _, key = name.partition(".")
        self.events += 1
        if not key:
            self.values[name] = value
        elif value is None:
            self.values[struct].pop(key, None)
        else:
            self.values[struct][key] = value

    def links(self) -> Iterator[tuple[str, str]]:
        for name in links_of(self.path):
            if self.get(name):
                yield name, self.get(name)

    def derive(self) -> None:
        if self.path == "contacts":
            self.values["name"] = self.get("first_name") or self.get("email")
        if self.path == "deals":
            self.values["status"] = STAGES[self.get("stage_id")]

    def place(self, stage: str) -> None:
        """Moves a deal to a stage. One that leaves a lost stage has no reason."""
        if self.get("stage_id") == stage:
            return
        if self.get("status") == "lost" != STAGES[stage]:
            self.put("lost_reason", None)
        self.put("stage_id", stage)
        self.placed = next(_PLACED)
        self.derive()

    def unique(self) -> Iterator[tuple[str, str, str]]:
        """Type, field and value of all that nobody else may have."""
        for name in UNIQUE:
            if self.get(name) is not None:
                yield self.path, name, self.get(name)


def new_record(path: str, given: Values) -> Record:
    made = Record(path, deepcopy(FIELDS[path]))
    change(made, given)
    return made


def change(record: Record, given: Values) -> None:
    """Sets values, keys each by itself."""
    for name, value in deepcopy(given).items():
        if name in KEYED:
            for key, each in value.items():
                record.put(f"{name}.{key}", each)
        else:
            record.put(name, value)
    record.derive()
