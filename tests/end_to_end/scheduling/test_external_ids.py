"""The external id of a busy time is unique with its user and its source."""

from itertools import product
from typing import Any

from prospectconnect.scheduling.v1.busy_times_pb2 import BusyTime

from services.every_kind import KINDS
from services.kinds.descriptors import record_types
from services.records.values.unique_values import unique_text
from tests.client import Client
from tests.end_to_end.scheduling.kept import me

TIME = {"starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-02T00:00:00Z"}
BY = {"match_on": "external_id"}


def given(user: str, source: str, external_id: str) -> dict[str, Any]:
    return {**TIME, "user_id": user, "source": source, "external_id": external_id}


def test_different_values_never_make_the_same_text() -> None:
    field = record_types(KINDS)["busy_time"].by_name["external_id"]
    texts = ["".join(each) for n in range(4) for each in product("a\n\\n", repeat=n)]
    made = {
        unique_text(field, BusyTime(user_id="u", source=source, external_id=its))
        for source in texts
        for its in texts
        if its
    }
    assert len(made) == len(texts) * (len(texts) - 1)


def test_line_breaks_do_not_move_from_source_to_id(owner: Client) -> None:
    user = me(owner)
    first = owner.create("/busy_times", given(user, "a\nb", "c"))
    other = owner.create("/busy_times", given(user, "a", "b\nc"))
    found = owner.post("/busy_times/upsert", BY | given(user, "a\nb", "c"))
    assert (found.status, found.json["data"]["id"]) == (200, first["id"])
    found = owner.post("/busy_times/upsert", BY | given(user, "a", "b\nc"))
    assert (found.status, found.json["data"]["id"]) == (200, other["id"])


def test_members_do_not_learn_which_external_ids_others_have(
    owner: Client, member: Client
) -> None:
    """Whether the id exists or not, the answer is that the user is another one."""
    user = me(owner)
    held = given(user, "calendar", "held") | {"external_ids": {"crm": "held"}}
    owner.create("/busy_times", held)
    refused = (422, {"user_id": "invalid_choice"})
    for its in ("held", "free"):
        body = given(user, "calendar", its)
        answers = [
            member.post("/busy_times", body),
            member.post("/busy_times/upsert", BY | body),
        ]
        by = {"match_on": "external_ids.crm", "external_ids": {"crm": its}}
        answers.append(member.post("/busy_times/upsert", by | body))
        assert [(each.status, each.codes) for each in answers] == [refused] * 3
    own = member.post("/busy_times/upsert", BY | given(me(member), "calendar", "held"))
    assert own.json["status"] == "created"


def test_a_busy_time_in_the_last_year_makes_no_millions_of_days(owner: Client) -> None:
    user = me(owner)
    owner.create("/busy_times", given(user, "calendar", "near"))
    far = {"starts_at": "9999-12-30T00:00:00Z", "ends_at": "9999-12-31T00:00:00Z"}
    owner.create("/busy_times", given(user, "calendar", "far") | far)
    group = {"field": "starts_at", "interval": "day"}
    body = {"measures": [{"op": "count", "as": "n"}], "group_by": [group], "fill": True}
    answer = owner.post("/busy_times/aggregate", body)
    assert (answer.status, answer.codes) == (422, {"group_by": "too_many"})
    years = body | {"group_by": [{**group, "interval": "year"}], "limit": 2}
    told = owner.post("/busy_times/aggregate", years).json["data"]
    assert [each["n"] for each in told] == [1, 0]
