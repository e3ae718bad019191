"""Whatever is merged, changed and parted again, all stands as a model says."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.client import Client
from tests.end_to_end.merging.merged import contact, merge, unmerge
from tests.end_to_end.merging.tenant_model import FIELDS, Model
from tests.rounds import rounds

WORDS = st.sampled_from(["Rome", "Oslo"])
TAGS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=2)
KEYS = st.dictionaries(st.sampled_from(["x", "y"]), st.integers(1, 2))
VALUES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(FIELDS, WORDS),
        "tags": TAGS,
        "custom_fields": KEYS,
    },
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(FIELDS, st.none() | WORDS),
        "tags": TAGS,
        "custom_fields": st.dictionaries(
            st.sampled_from(["x", "y"]), st.none() | st.integers(1, 2)
        ),
    },
)


class Merging(RuleBasedStateMachine):
    """What happens to the contacts of one tenant. `client` calls as its owner."""

    client: Client

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    @initialize(all_values=st.lists(VALUES, min_size=3, max_size=4))
    def begin(self, all_values: list[dict[str, Any]]) -> None:
        for values in all_values:
            made = contact(self.client, "c", **values)
            self.model.create(made, values)
            body = {"body": "Hi", "contact_id": made}
            note = self.client.create("/notes", body)["id"]
            self.model.lead(note, made)

    def one(self, data: st.DataObject, of: list[str]) -> str:
        return str(data.draw(st.sampled_from(sorted(of))))

    @rule(data=st.data(), values=CHANGES)
    def change(self, data: st.DataObject, values: dict[str, Any]) -> None:
        which = self.one(data, list(self.model.contacts))
        answer = self.client.patch(f"/contacts/{which}", values)
        assert answer.status == 200, answer.body
        self.model.change(which, dict(values))

    @rule(data=st.data())
    def lead_elsewhere(self, data: st.DataObject) -> None:
        note = self.one(data, list(self.model.notes))
        to = self.one(data, list(self.model.contacts))
        answer = self.client.patch(f"/notes/{note}", {"contact_id": to})
        assert answer.status == 200, answer.body
        self.model.lead(note, to)

    @precondition(lambda self: len(self.model.living) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        survivor = self.one(data, self.model.living)
        other = self.one(data, [e for e in self.model.living if e != survivor])
        answer = merge(self.client, survivor, other)
        self.model.merge(answer["merge_id"], survivor, other)

    @precondition(lambda self: self.model.undoable)
    @rule(data=st.data())
    def unmerge(self, data: st.DataObject) -> None:
        which = self.one(data, self.model.undoable)
        unmerge(self.client, self.model.merges[which].survivor, which)
        self.model.unmerge(which)

    def teardown(self) -> None:
        names = (*FIELDS, "tags", "custom_fields")
        for each in self.model.contacts:
            found = self.client.get(f"/contacts/{each}").json
            survivor = self.model.survivor(each)
            assert found["id"] == survivor
            expected = self.model.contacts[survivor]
            assert {name: found[name] for name in names} == expected
            led = {e for e in self.model.into if self.model.survivor(e) == each}
            if survivor == each:
                assert set(found.get("merged_ids", ())) == led
        for name, note in self.model.notes.items():
            found = self.client.get(f"/notes/{name}").json
            assert found["contact_id"] == note.contact


def test_all_stands_as_a_model_says(owner: Client) -> None:
    class Machine(Merging):
        client = owner

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=rounds("MERGES"),
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
