"""A model of contacts and notes that are merged and parted again.

It knows what the guide says, and nothing of the program.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

FIELDS = ("city", "state", "job_title")

Values = dict[str, Any]


@dataclass
class Note:
    """Where a note leads, and when somebody last said so."""

    contact: str
    set_at: int = 0


@dataclass
class Merge:
    """A merge: what it changed of the survivor, and the notes that it moved."""

    survivor: str
    merged: str
    was: Values
    now: Values
    notes: list[str]
    at: int
    is_undone: bool = False


@dataclass
class Model:
    """What stands. `into` leads from a merged contact to the one that it became."""

    contacts: dict[str, Values] = field(default_factory=dict)
    into: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    merges: dict[str, Merge] = field(default_factory=dict)
    clock: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def living(self) -> list[str]:
        return [each for each in self.contacts if each not in self.into]

    def survivor(self, contact: str) -> str:
        while contact in self.into:
            contact = self.into[contact]
        return contact

    def create(self, contact: str, values: Values) -> None:
        empty: Values = dict.fromkeys(FIELDS)
        self.contacts[contact] = empty | {"tags": [], "custom_fields": {}} | values

    def change(self, contact: str, values: Values) -> None:
        now = self.contacts[self.survivor(contact)]
        keys = values.pop("custom_fields", {})
        now.update(values)
        both = now["custom_fields"] | keys
        now["custom_fields"] = {k: v for k, v in both.items() if v is not None}

    def lead(self, note: str, contact: str) -> None:
        known = self.notes.setdefault(note, Note(""))
        if known.contact != self.survivor(contact):
            known.contact, known.set_at = self.survivor(contact), next(self.clock)

    def merge(self, merge_id: str, survivor: str, other: str) -> None:
        was, took = deepcopy(self.contacts[survivor]), self.contacts[other]
        now = self.contacts[survivor]
        for name in FIELDS:
            now[name] = took[name] if now[name] is None else now[name]
        now["tags"] = now["tags"] + [e for e in took["tags"] if e not in now["tags"]]
        now["custom_fields"] = took["custom_fields"] | now["custom_fields"]
        moved = [name for name, each in self.notes.items() if each.contact == other]
        for name in moved:
            self.notes[name].contact = survivor
        self.into[other] = survivor
        made = Merge(survivor, other, was, deepcopy(now), moved, next(self.clock))
        self.merges[merge_id] = made

    @property
    def undoable(self) -> list[str]:
        return [
            merge_id
            for merge_id, each in self.merges.items()
            if not each.is_undone and each.survivor not in self.into
        ]

    def unmerge(self, merge_id: str) -> None:
        merge = self.merges[merge_id]
        merge.is_undone = True
        now, was, left = self.contacts[merge.survivor], merge.was, merge.now
        for name in FIELDS:
            if now[name] == left[name]:
                now[name] = was[name]
        if now["tags"] == left["tags"]:
            now["tags"] = was["tags"]
        else:
            added = [e for e in left["tags"] if e not in was["tags"]]
            now["tags"] = [e for e in now["tags"] if e not in added]
        for key in left["custom_fields"].keys() - was["custom_fields"].keys():
            if now["custom_fields"].get(key) == left["custom_fields"][key]:
                del now["custom_fields"][key]
        del self.into[merge.merged]
        for name in merge.notes:
            note = self.notes[name]
            if note.contact == merge.survivor and note.set_at < merge.at:
                note.contact = merge.merged
