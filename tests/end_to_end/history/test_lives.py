"""Whatever is done to records, their past is told as it was.

A machine creates, changes, deletes and restores at random in a small tenant and in a
model of it. At the end it compares what stands, what searches of deleted records find,
every history, every state that ever stood, and the feed of changes.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.client import Client
from tests.end_to_end.changes.following import BOTH, Reader
from tests.end_to_end.history.lives import FIELDS, LINKS, Model
from tests.rounds import rounds

WORDS = st.sampled_from(["Ada", "Engines", "x", "Ünïcode", "a b"])
OR_NONE = st.none() | WORDS
TAGS = st.lists(st.sampled_from(["vip", "new", "old"]), unique=True, max_size=2)
VALUES = st.none() | st.integers(0, 5) | st.sampled_from(["gold", "iron"])
KEYS = st.dictionaries(st.sampled_from(["plan", "seats"]), VALUES)
GIVEN: dict[str, Any] = {
    "companies": st.fixed_dictionaries(
        {}, optional={"name": WORDS, "industry": OR_NONE, "tags": TAGS}
    ),
    "contacts": st.fixed_dictionaries(
        {},
        optional={
            "first_name": OR_NONE,
            "last_name": OR_NONE,
            "tags": TAGS,
            "custom_fields": KEYS,
        },
    ),
    "notes": st.fixed_dictionaries({"body": WORDS}),
    "associations": st.fixed_dictionaries({"role": OR_NONE}),
}
TYPE = {
    "key": "friends",
    "from_object": "companies",
    "to_object": "contacts",
    "label": "Friends",
    "inverse_label": "Friend of",
    "cardinality": "many_to_many",
}
NEEDED = {"companies": {"name": "Acme"}, "contacts": {"email": "a@x.example"}}


class Tenant(RuleBasedStateMachine):
    """What happens to the records of one tenant. `client` calls as its owner."""

    client: Client

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    def made(self, path: str, body: dict[str, Any]) -> None:
        answer = self.client.post(f"/{path}", body)
        if answer.status == 200:
            return  # the association was there
        assert answer.status == 201, answer.body
        kept = {
            key: {k: v for k, v in value.items() if v is not None}
            if key == "custom_fields"
            else value
            for key, value in body.items()
        }
        made = answer.json
        self.model.create(path, made["id"], made["updated_at"], kept)

    def one(self, data: st.DataObject, *paths: str) -> str:
        return str(data.draw(st.sampled_from(self.model.living(*paths))))

    @rule(data=st.data(), path=st.sampled_from(["companies", "contacts"]))
    def create(self, data: st.DataObject, path: str) -> None:
        body = NEEDED[path] | data.draw(GIVEN[path])
        if path == "contacts" and self.model.living("companies"):
            body["company_id"] = self.one(data, "companies")
        self.made(path, body)

    @precondition(lambda self: self.model.living(*LINKS))
    @rule(data=st.data())
    def note(self, data: st.DataObject) -> None:
        body: dict[str, Any] = {"body": "A note"}
        for path, link in LINKS.items():
            if self.model.living(path):
                body[link] = self.one(data, path)
        self.made("notes", body)

    @precondition(
        lambda self: self.model.living("companies") and self.model.living("contacts")
    )
    @rule(data=st.data())
    def associate(self, data: st.DataObject) -> None:
        body = {
            "type": TYPE["key"],
            "from_id": self.one(data, "companies"),
            "to_id": self.one(data, "contacts"),
        }
        self.made("associations", body | data.draw(GIVEN["associations"]))

    @precondition(lambda self: self.model.living(*FIELDS))
    @rule(data=st.data())
    def update(self, data: st.DataObject) -> None:
        record_id = self.one(data, *FIELDS)
        path = self.model.lives[record_id].path
        given = data.draw(GIVEN[path])
        answer = self.client.patch(f"/{path}/{record_id}", given)
        assert answer.status == 200, answer.body
        self.model.update(record_id, answer.json["updated_at"], given)

    @precondition(lambda self: self.model.living(*FIELDS))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        record_id = self.one(data, *FIELDS)
        path = self.model.lives[record_id].path
        assert self.client.delete(f"/{path}/{record_id}").status == 204
        self.model.delete(record_id, "")
        self.tell_times()

    @precondition(lambda self: self.model.dead(*FIELDS))
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        record_id = str(data.draw(st.sampled_from(self.model.dead(*FIELDS))))
        path = self.model.lives[record_id].path
        may = self.model.may_restore(record_id)
        answer = self.client.post(f"/{path}/{record_id}/restore")
        assert answer.status == (200 if may else 422), answer.body
        if may:
            self.model.restore(record_id, "")
            self.tell_times()
            names = list(FIELDS[path])
            assert self.of(answer.json, names) == self.model.lives[record_id].now

    def tell_times(self) -> None:
        """Reads when the records were changed that another one's change has changed."""
        for each, life in self.model.lives.items():
            if life.states[-1][0] == "":
                life.states[-1] = (self.changed_at(life.path, each), life.now)

    def changed_at(self, path: str, record_id: str) -> str:
        """When a record was changed last, deleted ones too."""
        found = self.client.post(f"/{path}/{record_id}/history", {"limit": 1})
        assert found.status == 200, found.body
        return str(found.json["data"][0]["at"])

    def teardown(self) -> None:
        for path, fields in FIELDS.items():
            ids = [e for e, life in self.model.lives.items() if life.path == path]
            if not ids:
                continue
            own = [{"field": "id", "operator": "in", "values": ids}]
            found = self.client.pages(f"/{path}", deleted=True, filters=own, limit=2)
            told = {each["id"]: self.of(each, list(fields)) for each in found}
            dead = self.model.dead(path)
            assert told == {each: self.model.lives[each].last for each in dead}
        self.compare_feed()
        for record_id, life in self.model.lives.items():
            self.compare(f"/{life.path}/{record_id}", record_id)

    def compare_feed(self) -> None:
        """The feed tells of each record the states that it had, in their order."""
        query = {"resources": list(FIELDS), "include": BOTH, "limit": 50}
        told: dict[str, list[Any]] = {}
        for change in Reader(self.client, "earliest", **query).read():
            told.setdefault(change["record"]["id"], []).append(change)
        for record_id, life in self.model.lives.items():
            names, found = list(FIELDS[life.path]), told[record_id]
            versions = [each["record"]["version"] for each in found]
            assert versions == [str(n + 1) for n in range(len(life.states))]
            assert [
                (each["at"], each["state"] and self.of(each["state"], names))
                for each in found
            ] == life.states
            entries = [
                (name, values["from"], values["to"])
                for each in reversed(found)
                for name, values in _in_order(each["changed"], names)
            ]
            assert entries == [e[:3] for e in life.changes() if e[3] != "deleted"]

    def compare(self, at: str, record_id: str) -> None:
        life = self.model.lives[record_id]
        names = list(FIELDS[life.path])
        read = self.client.get(at)
        if life.now is None:
            assert read.status == 404
        else:
            assert self.of(read.json, names) == life.now
            assert read.headers["etag"] == f'"{len(life.states)}"'
        told = self.history(at, names)
        assert told == list(life.changes())
        for version, (moment, state) in enumerate(life.states, start=1):
            if state is None:
                continue
            then = self.client.post(f"{at}/as_of", {"at": moment})
            assert self.of(then.json, names) == state
            assert then.headers["etag"] == f'"{version}"'

    def of(self, record: Any, names: list[str]) -> dict[str, Any]:
        """The fields that the model follows. A key that is null counts as none."""
        found = {name: record[name] for name in names}
        if "custom_fields" in found:
            keys = found["custom_fields"].items()
            found["custom_fields"] = {k: v for k, v in keys if v is not None}
        return found

    def history(self, at: str, names: list[str]) -> list[tuple[str, Any, Any, str]]:
        """The whole history of some fields, by pages of three."""
        body: dict[str, Any] = {"fields": names, "limit": 3}
        found: list[Any] = []
        while True:
            answer = self.client.post(f"{at}/history", body)
            assert answer.status == 200, answer.body
            found += answer.json["data"]
            cursor = answer.json["meta"]["cursor"]
            if not cursor["has_more"]:
                break
            body["cursor"] = cursor["next"]
        return [(e["field"], e["from"], e["to"], e["operation"]) for e in found]


def _in_order(changed: Any, names: list[str]) -> list[tuple[str, Any]]:
    """The values that the model follows, in the order of the fields."""
    followed = (each for each in changed if each.partition(".")[0] in names)
    order = sorted(followed, key=lambda n: (names.index(n.partition(".")[0]), n))
    return [(name, changed[name]) for name in order]


def test_the_past_is_told_as_it_was(owner: Client) -> None:
    owner.create("/association_types", TYPE)

    class Machine(Tenant):
        client = owner

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=rounds("LIVES"),
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
