"""Random work on contacts and deals, and what three accounts of it say.

The feed tells changes, the history of a record tells its fields, and the timeline has
activities of what people care about. They are written by one statement and read by
three parts of the program, so that they could come to differ.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.client import Client
from tests.end_to_end.changes.following import Reader
from tests.end_to_end.scene import Pipeline, pipeline

CONTACTS, DEALS, STEPS = 4, 3, 60
CITIES = ("Rome", "Oslo", None)
TAGS: tuple[list[str], ...] = (["a"], ["a", "b"], [])
# Of these the timeline has events, by the fields of changes.
_EVENTS = {"owner_id": "owner_changed", "tags": "tags_changed"}
_LINKS = {"contacts": "contact_id", "deals": "deal_id"}
# When a field was set: the moment, the field, its values before and after.
Entry = tuple[str, str, str, str]


@dataclass
class Work:
    """A tenant's records, and what is done to them."""

    client: Client
    users: list[str]
    chance: random.Random
    contacts: list[str] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)
    merges: list[tuple[str, str]] = field(default_factory=list)

    def make(self) -> None:
        """Creates the records."""
        self.pipeline: Pipeline = pipeline(self.client)
        name = self.chance.randrange(10**9)
        for number in range(CONTACTS):
            body = {"email": f"{name}-{number}@x.example", "owner_id": self._user()}
            self.contacts.append(self.client.create("/contacts", body)["id"])
        for number in range(DEALS):
            body = {"name": f"D{number}", "contact_id": self.contacts[number]}
            self.deals.append(self.client.create("/deals", body)["id"])

    def step(self) -> None:
        """Does one thing, or tries to: what is refused changes nothing."""
        kinds: list[Callable[[], None]] = [
            *[self._patch] * 5,
            *[self._move] * 3,
            self._delete,
            self._merge,
            self._unmerge,
        ]
        self.chance.choice(kinds)()

    def finish(self) -> None:
        """Brings all records back.

        The history of a merged contact is that of the survivor, and a deleted one has
        no timeline.
        """
        while self.merges:
            self._restore()
            self._unmerge()
        self._restore()

    def _restore(self) -> None:
        for contact in self.contacts:
            self.client.post(f"/contacts/{contact}/restore")

    def _user(self) -> str:
        return self.chance.choice(self.users)

    def _patch(self) -> None:
        body = self.chance.choice(
            (
                {"city": self.chance.choice(CITIES)},
                {"lead_score": self.chance.randint(0, 3)},
                {"owner_id": self._user(), "tags": self.chance.choice(TAGS)},
                {"tags": self.chance.choice(TAGS), "external_ids": {"erp": "7"}},
            )
        )
        self.client.patch(f"/contacts/{self.chance.choice(self.contacts)}", body)

    def _move(self) -> None:
        deal, stages = self.chance.choice(self.deals), self.pipeline.stages
        body = {"stage_id": self.chance.choice(list(stages.values()))}
        self.client.post(f"/deals/{deal}/stage", body)

    def _delete(self) -> None:
        contact = self.chance.choice(self.contacts)
        if any(contact == survivor for survivor, _ in self.merges):
            return  # what was moved to it would stay there when the merge is undone
        path = f"/contacts/{contact}"
        if self.client.delete(path).status == 204 and self.chance.random() < 0.8:
            self.client.post(f"{path}/restore")

    def _merge(self) -> None:
        survivor, other = self.chance.sample(self.contacts, 2)
        answer = self.client.post(f"/contacts/{survivor}/merge", {"ids": [other]})
        if answer.status == 200:
            self.merges.append((survivor, answer.json["merge_id"]))

    def _unmerge(self) -> None:
        if self.merges:
            survivor, merge_id = self.merges.pop()
            body = {"merge_id": merge_id}
            self.client.post(f"/contacts/{survivor}/unmerge", body)


def play(client: Client, users: list[str], chance: random.Random) -> Work:
    """Does random work on new records."""
    work = Work(client, users, chance)
    work.make()
    for _ in range(STEPS):
        work.step()
    work.finish()
    return work


def check(work: Work) -> int:
    """Compares the three accounts. Returns how many entries agree."""
    query = {"resources": list(_LINKS), "include": ["changed"]}
    told = Reader(work.client, "earliest", **query).read()
    compared = 0
    for path, ids in (("contacts", work.contacts), ("deals", work.deals)):
        for record_id in ids:
            if not _stands(work.client, path, record_id):
                continue
            mine = [each for each in told if each["record"]["id"] == record_id]
            versions = [int(each["record"]["version"]) for each in mine]
            assert versions == list(range(1, len(mine) + 1))
            history = _history(work.client, path, record_id)
            assert sorted(_of_changes(mine)) == sorted(history)
            timeline = _timeline(work.client, path, record_id)
            assert _events(mine) == timeline, (_events(mine), timeline)
            compared += len(history) + len(timeline)
    return compared


def _stands(client: Client, path: str, record_id: str) -> bool:
    """Whether a record is there. One whose merge cannot be undone any more is not."""
    answer = client.get(f"/{path}/{record_id}")
    return answer.status == 200 and answer.json["id"] == record_id


def _of_changes(changes: list[Any]) -> list[Entry]:
    return [
        (each["at"], name, str(values["from"]), str(values["to"]))
        for each in changes
        for name, values in each["changed"].items()
    ]


def _history(client: Client, path: str, record_id: str) -> list[Entry]:
    """The entries of a history, but for the marks of deletions."""
    found, cursor = list[Any](), dict[str, str]()
    while True:
        body = {"limit": 100, **cursor}
        answer = client.post(f"/{path}/{record_id}/history", body)
        assert answer.status == 200, answer.body
        found += answer.json["data"]
        following = answer.json["meta"]["cursor"]["next"]
        if following is None:
            break
        cursor = {"cursor": following}
    return [
        (each["at"], each["field"], str(each["from"]), str(each["to"]))
        for each in found
        if each["field"] != "deleted_at"
    ]


def _events(changes: list[Any]) -> list[str]:
    """What the timeline has to say of changes."""
    found = []
    for each in changes:
        _, verb = each["type"].split(".")
        if verb in ("created", "deleted", "restored", "merged", "unmerged"):
            found += [verb] if verb in ("created", "restored") else []
            continue
        for name, event in _EVENTS.items():
            if name in each["changed"]:
                values = each["changed"][name]
                found.append(f"{event} {values['from']} {values['to']}")
        if "stage_id" in each["changed"]:
            values = each["changed"]["stage_id"]
            found.append(f"stage_changed {values['from']} {values['to']}")
    return found


def _timeline(client: Client, path: str, record_id: str) -> list[str]:
    """The events of a record's timeline that changes tell too, oldest first."""
    filters = [
        {"field": _LINKS[path], "operator": "eq", "value": record_id},
        {"field": "type", "operator": "eq", "value": "system"},
    ]
    order = {"order_by": "occurred_at", "sort_direction": "asc"}
    activities = client.pages("/activities", filters=filters, limit=100, **order)
    found = []
    for each in activities:
        told = each["metadata"]
        event = told["event"]
        if event in ("created", "restored"):
            found.append(event)
        elif event in (*_EVENTS.values(), "stage_changed"):
            found.append(f"{event} {told.get('from')} {told.get('to')}")
    return found
