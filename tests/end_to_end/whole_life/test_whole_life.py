"""Whatever is done to a tenant's records, all that is read of them is as it should be.

A machine creates, changes, deletes, restores, merges, parts and erases records at
random, by single requests, upserts, batches and dry runs. After each step it compares
all reads with a model, and at the end all histories with the feed of changes.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count, islice
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.client import Client
from tests.end_to_end.whole_life.definitions import DEFINITIONS
from tests.end_to_end.whole_life.drawn import Drawn
from tests.end_to_end.whole_life.followed import follow
from tests.end_to_end.whole_life.merges import Merge, merge, unmerged
from tests.end_to_end.whole_life.model import Model
from tests.end_to_end.whole_life.operations import (
    Door,
    Operation,
    foretell,
    foretell_all,
)
from tests.end_to_end.whole_life.reads import Reader
from tests.end_to_end.whole_life.records import (
    CHOSEN,
    MERGEABLE,
    STAGES,
    Values,
)
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import new_tenant

# Fields that a merge takes from another record where the survivor has no value.
LENT = {"companies": "industry", "contacts": "first_name", "deals": "value"}
_TEXTS = ("Pumps", "Gears", "Looms")
FEW_LENT = {"companies": _TEXTS, "contacts": _TEXTS, "deals": (4, 5, 6)}


class Tenant(RuleBasedStateMachine):
    """What happens to the records of one tenant. `enter` makes a tenant's client."""

    enter: Callable[[], Client]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.model, self.merges = Model(), dict[str, Merge]()
        self.numbers = count(1)
        self.door = Door(type(self).enter())
        self.reader = Reader(self.door)
        for path, body in DEFINITIONS:
            self.door.client.create(path, body)
        (pipeline,) = self.door.client.search("/pipelines")["data"]
        for stage in pipeline["stages"]:
            self.door.keep(f"Stage {stage['name']}", stage)

    def step(self) -> None:
        """Everything is as the model says."""
        self.reader.compare(self.model)
        self.reader.compare_merges(self.merges)
        self.model.clock += 1
        type(self).steps += 1

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        drawn, model = Drawn(data), Model()
        operations = []
        for number in islice(self.numbers, 8):
            operations.append(drawn.creation(model, number))
            foretell(model, operations[-1])
        self.model, expected = foretell_all(self.model, operations, False)
        _, told = self.door.batch(operations, False)
        assert told == expected
        self.step()

    @rule(data=st.data(), is_dry=st.sampled_from([False, False, False, True]))
    def single(self, data: st.DataObject, is_dry: bool) -> None:
        operation = Drawn(data).operation(self.model, next(self.numbers))
        after, (expected,) = foretell_all(self.model, [operation], False)
        headers = {"dry_run": "true"} if is_dry else {}
        told = self.door.single(operation, **headers)
        assert told == expected, operation
        if not is_dry:
            self.model = after
        self.step()

    @rule(data=st.data())
    def upsert(self, data: st.DataObject) -> None:
        operation = Drawn(data).upsert(self.model, next(self.numbers))
        self.model, (expected,) = foretell_all(self.model, [operation], False)
        assert self.door.upsert(operation) == expected, operation
        self.step()

    @rule(data=st.data(), is_stale=st.booleans())
    def change_what_was_read(self, data: st.DataObject, is_stale: bool) -> None:
        """A change with the ETag of what was read, or of what stood there before."""
        operation = Drawn(data).upsert(self.model, next(self.numbers))
        if operation.method != "update":
            return
        etag = self.door.client.get(self.door.at(operation.label)).headers["etag"]
        told = self.door.single(operation, if_match='"0"' if is_stale else etag)
        if is_stale:
            assert told.status == 412
        else:
            self.model, (expected,) = foretell_all(self.model, [operation], False)
            assert told == expected, operation
        self.step()

    @rule(
        data=st.data(),
        size=st.integers(2, 6),
        atomic=st.booleans(),
        is_dry=st.sampled_from([False, False, False, True]),
    )
    def batch(self, data: st.DataObject, size: int, atomic: bool, is_dry: bool) -> None:
        drawn, so_far, operations = Drawn(data), self.model, []
        for number in islice(self.numbers, size):
            operations.append(drawn.operation(so_far, number))
            so_far, _ = foretell_all(self.model, operations, False)
        after, expected = foretell_all(self.model, operations, atomic)
        headers = {"dry_run": "true"} if is_dry else {}
        answer, told = self.door.batch(operations, atomic, **headers)
        failed = [each.status for each in expected if each.status >= 400]
        if atomic and failed:
            assert answer.status in failed, (operations, answer.body)
        else:
            for each in zip(told, expected, operations, strict=True):
                assert each[0] == each[1], each
        if not is_dry:
            self.model = after
        self.step()

    @rule(data=st.data(), is_dry=st.sampled_from([False, False, False, True]))
    def erase(self, data: st.DataObject, is_dry: bool) -> None:
        """A person with a company and a deal, who is erased then."""
        drawn = Drawn(data)
        person, deal = (
            f"{each}-{next(self.numbers)}" for each in ("contacts", "deals")
        )
        self.do(Operation("create", person, drawn.person(self.model, person)))
        if drawn.of(st.booleans()):
            stage = {"stage_id": drawn.one([*STAGES])}
            body = {"name": "Pump", "contact_id": person, **stage}
            self.do(Operation("create", deal, body))
        self.step()
        headers = {"dry_run": "true"} if is_dry else {}
        at, why = f"{self.door.at(person)}/erase", {"reason": "Asked for"}
        answer = self.door.client.post(at, why, **headers)
        assert answer.status == 200, answer.body
        if not is_dry:
            self.model.erase(person)
        self.step()

    @precondition(lambda self: any(self.of_a_kind()))
    @rule(data=st.data(), is_dry=st.sampled_from([False, False, False, True]))
    def merge(self, data: st.DataObject, is_dry: bool) -> None:
        drawn = Drawn(data)
        path = drawn.one(self.of_a_kind())
        survivor, *others = drawn.of(self.several(path, 3))
        values = {}
        for name in CHOSEN.get(path, ()):
            if drawn.of(st.booleans()):
                values[name] = drawn.one([survivor, *others])
        self.merge_into(survivor, others, values, is_dry=is_dry)
        self.step()

    @precondition(lambda self: self.lending())
    @rule(data=st.data(), is_undone=st.booleans())
    def lend(self, data: st.DataObject, is_undone: bool) -> None:
        """What is changed of that which a merge brought stays when that is undone."""
        drawn = Drawn(data)
        path = drawn.one(self.lending())
        survivor, other = drawn.of(self.several(path, 2))
        field = LENT[path]
        first, second = drawn.of(st.permutations(FEW_LENT[path]))[:2]
        self.do(Operation("update", survivor, {field: None}))
        self.do(Operation("update", other, {field: first}))
        name = self.merge_into(survivor, [other], {})
        self.do(Operation("update", survivor, {field: second}))
        self.step()
        if is_undone:
            self.undo(name)

    def do(self, operation: Operation) -> None:
        """Does what is sure to succeed."""
        self.model, (expected,) = foretell_all(self.model, [operation], False)
        assert self.door.single(operation) == expected, operation
        self.model.clock += 1

    def merge_into(
        self,
        survivor: str,
        others: Sequence[str],
        values: Values,
        *,
        is_dry: bool = False,
    ) -> str:
        """Merges records; the id of the merge."""
        body = self.door.filled({"values": values})
        body["ids"] = [self.door.ids[each] for each in others]
        at, headers = self.door.at(survivor), {"dry_run": "true"} if is_dry else {}
        answer = self.door.client.post(f"{at}/merge", body, **headers)
        assert answer.status == 200, answer.body
        name = str(answer.json["merge_id"])
        if not is_dry:
            self.merges[name] = merge(self.model, name, survivor, others, values)
            self.model.clock += 1
        return name

    def several(self, path: str, most: int) -> st.SearchStrategy[list[str]]:
        """Some living records of a type, two at least."""
        living = st.sampled_from(self.model.living(path))
        return st.lists(living, min_size=2, max_size=most, unique=True)

    def lending(self) -> list[str]:
        return [each for each in LENT if each in self.of_a_kind()]

    @precondition(lambda self: self.model.living("deals"))
    @rule(data=st.data(), stage=st.sampled_from([*STAGES]))
    def move(self, data: st.DataObject, stage: str) -> None:
        label = Drawn(data).one(self.model.living("deals"))
        body = {"stage_id": self.door.ids[stage]}
        answer = self.door.client.post(f"{self.door.at(label)}/stage", body)
        assert answer.status == 200, answer.body
        self.model.records[label].place(stage)
        self.step()

    def of_a_kind(self) -> list[str]:
        return [each for each in MERGEABLE if len(self.model.living(each)) > 1]

    def undoable(self) -> list[str]:
        return [
            name
            for name, each in self.merges.items()
            if not each.is_undone and self.model.records[each.survivor].lives
        ]

    @precondition(lambda self: self.undoable())
    @rule(data=st.data(), is_dry=st.sampled_from([False, False, False, True]))
    def unmerge(self, data: st.DataObject, is_dry: bool) -> None:
        self.undo(Drawn(data).one(self.undoable()), is_dry=is_dry)

    def undo(self, name: str, *, is_dry: bool = False) -> None:
        at = self.door.at(self.merges[name].survivor)
        headers = {"dry_run": "true"} if is_dry else {}
        answer = self.door.client.post(f"{at}/unmerge", {"merge_id": name}, **headers)
        after, expected = unmerged(self.model, self.merges, name)
        assert answer.status == expected, answer.body
        if not is_dry:
            self.model, self.merges = after
        self.step()

    def teardown(self) -> None:
        door = self.door
        with closing(door.client):
            paths = {
                door.ids[label]: None if each.into else door.at(label)
                for label, each in self.model.records.items()
                if not each.erased
            }
            follow(door.client, paths)


def test_whatever_happens_all_reads_agree(stack: Stack) -> None:
    class Machine(Tenant):
        @staticmethod
        def enter() -> Client:
            return new_tenant(stack).client()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=rounds("LIVES"),
            stateful_step_count=12,
            deadline=None,
            phases=(Phase.generate,),  # a life is short, and shrinking it takes minutes
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{Machine.steps} steps")
