"""Filters judge each state that the log can tell, and no state stops the others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from prospectconnect.type.v1.search_pb2 import Filter, Operator
from structlog.testing import capture_logs

from services.changes import filtering
from services.changes.filtering import Judges
from services.kinds.own_fields import NO_FIELDS
from services.postgres.database import Database
from services.records.log.changes import is_told
from tests.services.delivering.scene import KINDS

TOLD = [each.kind for each in KINDS.values() if is_told(each.kind)]
BUSINESS = "biz_of_nobody"
# Deleted a while ago: what the restore of a record tells of it before.
RESTORED = {"deleted_at": 849_489_724_976_689}


@pytest.fixture(scope="module")
def fitting(
    migrated_database: Callable[[str], str],
) -> Callable[..., list[bool]]:
    """Lets states of a kind be judged."""
    url = migrated_database("judging")

    def judged(kind: Any, states: list[Any], *filters: Filter) -> list[bool]:
        async def run() -> list[bool]:
            database = await Database.open(url)
            try:
                judges = Judges(database)
                judge = judges.judge(kind, filters, NO_FIELDS, BUSINESS)
                return await judges.fitting(judge, states)
            finally:
                await database.close()

        return asyncio.run(run())

    return judged


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.resource)
def test_a_state_may_hold_more_than_the_fields(
    kind: Any, fitting: Callable[..., list[bool]]
) -> None:
    others = {"merged_into_id": 7, "version": [], "nothing": {}, "deleted_by": 1}
    known = kind.by_name.keys()
    more = {name: each for name, each in others.items() if name not in known}
    with capture_logs() as told:
        assert fitting(kind, [{"id": "1"}, RESTORED | more]) == [True, True]
    assert told == []


def test_a_state_that_cannot_be_judged_is_told_and_so_is_the_log(
    fitting: Callable[..., list[bool]],
) -> None:
    kind = KINDS["contact"].kind
    states = [{"id": str(n), "lead_score": n % 2} for n in range(30)]
    for number in (4, 11, 29):
        states[number]["lead_score"] = "[erased]"  # no number
    odd = Filter(field="lead_score", operator=Operator.OPERATOR_EQ)
    odd.value.number_value = 1
    with capture_logs() as told:
        found = fitting(kind, states, odd)
    assert found == [n % 2 == 1 or n == 4 for n in range(30)]
    assert [each["id"] for each in told] == ["4", "11", "29"]
    assert {each["event"] for each in told} == {"change_was_not_judged"}
    assert "[erased]" not in str(told)


def test_a_page_of_wrong_states_costs_few_questions(
    fitting: Callable[..., list[bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "_MOST_ASKED", 8)
    states = [{"id": str(n), "lead_score": "none"} for n in range(20)]
    with capture_logs() as told:
        assert fitting(KINDS["contact"].kind, states) == [True] * 20
    assert {each["id"] for each in told} == {each["id"] for each in states}
