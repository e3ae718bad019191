"""Whatever is booked, moved and ended: it stands as the model says, and so do slots.

A machine does it at random in a sandbox, whose clock it moves. Two meeting types share
their hosts: one asks them to confirm. Two visitors hold slots of both.
"""

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.client import Answer, Client
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.end_to_end.sandboxes.test_clock import move
from tests.end_to_end.scheduling import model
from tests.end_to_end.scheduling.booked import HALF, NINE, asked
from tests.end_to_end.scheduling.kept import hours, meeting, moment, slots
from tests.end_to_end.scheduling.model import ACTIONS, LONG, RefusedError
from tests.end_to_end.scheduling.test_holds import hold
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import new_tenant

STEPS = 30
KINDS, VISITORS = ("asks", "books"), ("Ada", "Zoë")
STARTS = st.integers(-1, LONG)
LENGTHS = st.sampled_from([1, 1, 2])
MINUTES = 30


def at(place: int) -> datetime:
    """The moment of a half hour of the model."""
    return NINE + place * HALF


class Life(RuleBasedStateMachine):
    """What happens to the bookings of one sandbox. `enter` makes a new one."""

    enter: Callable[[ExitStack], tuple[Client, Client, Any]]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.model, self.opened = model.Model(), ExitStack()
        self.ids: list[str] = []
        self.holds: dict[tuple[str, str], str] = {}
        self.owner, self.box, self.sandbox = type(self).enter(self.opened)
        users = self.box.search("/users")["data"]
        self.hosts = sorted(each["id"] for each in users)[: model.HOSTS]
        for host in self.hosts:
            self.box.create("/schedules", hours(host))
        given = {"assignment": "round_robin", "slot_interval": 30}
        self.kinds = {
            kind: self.box.create(
                "/meeting_types",
                meeting(
                    *self.hosts,
                    slug=kind,
                    requires_confirmation=kind == "asks",
                    max_per_day=model.MOST.get(kind),
                    **given,
                ),
            )
            for kind in KINDS
        }

    def teardown(self) -> None:
        self.opened.close()

    def step(self) -> None:
        """Everything is as the model says."""
        found = {each["id"]: each for each in self.box.pages("/bookings", limit=100)}
        told = [found.pop(each) for each in self.ids]
        assert not found
        assert [_told(each) for each in told] == [
            (
                each.status,
                moment(at(each.start)),
                moment(at(each.start + each.long)),
                [self.hosts[each.host]],
                self.kinds[each.kind]["id"],
            )
            for each in self.model.booked
        ]
        for booking in told:
            self.follow(booking)
        for kind in KINDS:
            self.compare_slots(kind)
        type(self).steps += 1

    def follow(self, booking: Any) -> None:
        """An activity tells of each meeting that is to take place, or did."""
        lives = booking["status"] in model.TAKES_TIME
        assert (booking["activity_id"] is not None) == lives
        if lives:
            told = self.box.get(f"/activities/{booking['activity_id']}").json
            assert told["occurred_at"] == booking["starts_at"]
            assert told["contact_id"] == booking["contact_id"]

    def compare_slots(self, kind: str) -> None:
        for long in (1, 2):
            found = slots(self.box, self.kinds[kind], duration=long * MINUTES)
            shown = [(each["starts_at"], each["hosts"]) for each in found]
            assert shown == [
                (moment(at(start)), [self.hosts[each] for each in free])
                for start in range(LONG)
                if self.model.is_slot(start, long)
                and (free := self.model.free(kind, start, long))
            ]

    @initialize()
    def begin(self) -> None:
        self.step()

    @rule(kind=st.sampled_from(KINDS), start=STARTS, long=LENGTHS)
    def book(self, kind: str, start: int, long: int) -> None:
        given = asked(self.kinds[kind], at(start), duration=long * MINUTES)
        answer = self.box.post("/bookings", given)
        try:
            self.model.book(kind, start, long)
        except RefusedError as error:
            _refused(answer, error)
        else:
            assert answer.status == 201, answer.body
            self.ids.append(answer.json["id"])
        self.step()

    @rule(
        kind=st.sampled_from(KINDS),
        visitor=st.sampled_from(VISITORS),
        start=STARTS,
        long=LENGTHS,
    )
    def hold(self, kind: str, visitor: str, start: int, long: int) -> None:
        given = {"duration": long * MINUTES, "ttl_seconds": 900, "visitor": visitor}
        answer = hold(self.box, self.kinds[kind], at(start), **given)
        try:
            self.model.hold(kind, visitor, start, long)
        except RefusedError as error:
            _refused(answer, error)
        else:
            assert answer.status == 201, answer.body
            self.holds[kind, visitor] = answer.json["id"]
        self.step()

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), start=st.none() | STARTS)
    def book_what_is_held(self, data: st.DataObject, start: int | None) -> None:
        """By a hold, over or not; mostly at its own time."""
        kind, visitor = data.draw(st.sampled_from(sorted(self.holds)))
        held, long = self.model.of(kind, visitor), 1
        if held is not None:
            start, long = held.start if start is None else start, held.long
        start = 0 if start is None else start
        given = asked(self.kinds[kind], at(start), duration=long * MINUTES)
        given["hold_id"] = self.holds[kind, visitor]
        answer = self.box.post("/bookings", given)
        try:
            self.model.book(kind, start, long, held)
        except RefusedError as error:
            _refused(answer, error)
        else:
            assert answer.status == 201, answer.body
            self.ids.append(answer.json["id"])
        self.step()

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def end_hold(self, data: st.DataObject) -> None:
        kind, visitor = data.draw(st.sampled_from(sorted(self.holds)))
        held = self.model.of(kind, visitor)
        path = f"/meeting_types/{self.kinds[kind]['id']}/holds"
        answer = self.box.delete(f"{path}/{self.holds.pop((kind, visitor))}")
        assert answer.status == (404 if held is None else 204), answer.body
        self.model.held = [each for each in self.model.held if each is not held]
        self.step()

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), start=STARTS, long=st.sampled_from([None, None, 1, 2]))
    def move(self, data: st.DataObject, start: int, long: int | None) -> None:
        which = data.draw(st.integers(0, len(self.ids) - 1))
        given: dict[str, Any] = {"starts_at": moment(at(start))}
        if long is not None:
            given["duration"] = long * MINUTES
        answer = self.box.post(f"/bookings/{self.ids[which]}/reschedule", given)
        try:
            self.model.move(self.model.booked[which], start, long)
        except RefusedError as error:
            _refused(answer, error)
        else:
            assert answer.status == 200, answer.body
        self.step()

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), verb=st.sampled_from(sorted(ACTIONS)))
    def act(self, data: st.DataObject, verb: str) -> None:
        which = data.draw(st.integers(0, len(self.ids) - 1))
        answer = self.box.post(f"/bookings/{self.ids[which]}/{verb}", {})
        try:
            self.model.act(self.model.booked[which], verb)
        except RefusedError as error:
            _refused(answer, error)
        else:
            assert answer.status == 200, answer.body
        self.step()

    @precondition(lambda self: len(self.ids) > 2 and self.model.now < LONG)
    @rule()
    def wait(self) -> None:
        """Until a few minutes after the next half hour has begun."""
        self.model.now = max(self.model.now, -0.75) // 1 + 1.25
        ahead = NINE + self.model.now * HALF - datetime.now(UTC)
        begun = self.owner.get(f"/sandboxes/{self.sandbox['id']}/clock").json["now"]
        ahead -= datetime.fromisoformat(begun) - datetime.now(UTC)
        job = move(
            self.owner, self.sandbox, advance=f"PT{ahead // timedelta(seconds=1)}S"
        )
        assert job["state"] == "succeeded", job
        self.model.held.clear()  # all are over
        self.step()


def _told(booking: Any) -> tuple[Any, ...]:
    names = "status", "starts_at", "ends_at", "host_ids", "meeting_type_id"
    return tuple(booking[name] for name in names)


def _refused(answer: Answer, error: RefusedError) -> None:
    """The answer says why something is not done."""
    if error.why == "held otherwise":
        assert answer.codes == {"hold_id": "invalid"}, answer.body
        return
    if error.why == "no slot":
        assert answer.codes == {"starts_at": "invalid"}, answer.body
        return
    which = "slot-taken" if error.why == "taken" else "conflict"
    assert answer.status == 409, answer.body
    assert answer.json["type"].endswith(f"/{which}"), answer.body
    if error.why == "taken":
        told = [each["starts_at"] for each in answer.json["next"]]
        assert told == [moment(at(each)) for each in error.free]


def lives(stack: Stack) -> type[Life]:
    """The machine, each of whose lives has a tenant of its own."""

    def enter(opened: ExitStack) -> tuple[Client, Client, Any]:
        owner = opened.enter_context(closing(new_tenant(stack).client()))
        sandbox = make(owner)
        return owner, opened.enter_context(inside(owner, sandbox)), sandbox

    return type("AnyLife", (Life,), {"enter": staticmethod(enter), "steps": 0})


def live(machine: type[Life], count: int) -> None:
    """Lives so many lives."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=count,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate,),  # to shrink a life would take minutes
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_bookings_live_as_their_model(stack: Stack) -> None:
    machine = lives(stack)
    live(machine, rounds("BOOKING_LIVES"))
    print(f"{machine.steps} steps")


@pytest.mark.canary
@pytest.mark.parametrize("wrong", ["freed", "turns", "counted", "unkept"])
def test_a_wrong_model_is_noticed(
    stack: Stack, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a model in which the time of who did not come stays taken, in which
    cancelled meetings fill days, in which the first host who is free holds each, or in
    which a hold keeps nothing from others."""
    if wrong == "freed":
        monkeypatch.setattr(model, "TAKES_TIME", ("pending", "confirmed", "cancelled"))
    elif wrong == "counted":
        monkeypatch.setattr(model, "COUNTS", (*model.COUNTS, "cancelled", "declined"))
    elif wrong == "unkept":
        takers = model.Model.takers

        def booked(self: Any) -> Any:
            return [e for e in takers(self) if isinstance(e, model.Booked)]

        monkeypatch.setattr(model.Model, "takers", booked)
    else:
        choose = model.Model.choose

        def first(self: Any, kind: str, start: int, long: int, its: Any) -> int:
            choose(self, kind, start, long, its)
            return int(self.free(kind, start, long, its)[0])

        monkeypatch.setattr(model.Model, "choose", first)
    with pytest.raises(AssertionError):
        live(lives(stack), 20)
