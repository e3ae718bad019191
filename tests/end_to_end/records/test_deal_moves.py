"""Moves of deals: all that follows from a stage, whoever else moves at the time."""

from contextlib import closing
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.crm.v1 import deals_pb2 as pb
from prospectconnect.crm.v1 import deals_pb2_grpc

from tests.client import Answer, Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.scene import Pipeline, another_pipeline, pipeline, told
from tests.harness.at_once import at_once, crowd
from tests.harness.wire.grpc_calls import bearer, refused
from tests.world import Tenant

PUMP = {"name": "Pump"}


@pytest.fixture
def sales(owner: Client) -> Pipeline:
    """The tenant's default pipeline."""
    return pipeline(owner)


@pytest.fixture
def renewals(owner: Client, tenant: Tenant) -> Pipeline:
    """Another pipeline of the tenant."""
    return another_pipeline(tenant, owner)


@pytest.fixture
def path(owner: Client) -> str:
    """The path of a deal in the first stage."""
    return f"/deals/{owner.create('/deals', PUMP)['id']}"


def move(client: Client, path: str, stage: str, **more: object) -> Answer:
    return client.post(f"{path}/stage", {"stage_id": stage, **more})


@pytest.mark.parametrize(
    ("first", "then", "status", "closes"),
    [
        ("New", "Qualified", "open", False),
        ("Negotiation", "New", "open", False),
        ("New", "Won", "won", True),
        ("New", "Lost", "lost", True),
        ("Won", "Lost", "lost", True),
        ("Lost", "Won", "won", True),
        ("Won", "New", "open", False),
        ("Lost", "Proposal", "open", False),
    ],
)
def test_a_move_sets_what_follows_from_the_stage(
    owner: Client, sales: Pipeline, first: str, then: str, status: str, closes: bool
) -> None:
    before = owner.create("/deals", PUMP | {"stage_id": sales[first]})
    answer = move(owner, f"/deals/{before['id']}", sales[then])
    assert answer.status == 200
    after = answer.json
    assert owner.get(f"/deals/{before['id']}").body == answer.body
    assert (after["stage_id"], after["status"]) == (sales[then], status)
    assert moment(after["stage_changed_at"]) > moment(before["stage_changed_at"])
    assert after["closed_at"] == (after["stage_changed_at"] if closes else None)
    times = [after[f"{what}_at"] for what in ("created", "stage_changed", "updated")]
    assert times == sorted(times, key=moment)
    changed = {"stage_id", "status", "stage_changed_at", "closed_at", "updated_at"}
    assert {name for name in after if after[name] != before[name]} <= changed


def test_a_stage_of_another_pipeline_moves_the_deal_there(
    owner: Client, path: str, sales: Pipeline, renewals: Pipeline
) -> None:
    moved = move(owner, path, renewals["Won"]).json
    assert (moved["pipeline_id"], moved["status"]) == (renewals.id, "won")
    still_won = move(owner, path, sales["Won"]).json
    assert (still_won["pipeline_id"], still_won["status"]) == (sales.id, "won")
    assert still_won["closed_at"] == moved["closed_at"]


def test_the_same_stage_changes_nothing(
    owner: Client, path: str, sales: Pipeline
) -> None:
    moved = move(owner, path, sales["Lost"], lost_reason="Price")
    again = move(owner, path, sales["Lost"], lost_reason="Other")
    assert (again.status, again.body) == (200, moved.body)
    assert again.headers["etag"] == moved.headers["etag"]
    assert len(told(owner, moved.json["id"])) == 3


def test_a_reason_stays_while_the_deal_is_lost(
    owner: Client, path: str, sales: Pipeline
) -> None:
    lost = move(owner, path, sales["Lost"], lost_reason=" Price ").json
    assert lost["lost_reason"] == "Price"
    patched = owner.patch(path, {"lost_reason": "Time"})
    assert patched.json["lost_reason"] == "Time"
    for stage in ("Won", "New"):
        assert move(owner, path, sales[stage]).json["lost_reason"] is None
        again = move(owner, path, sales["Lost"], lost_reason="Price")
        assert again.json["lost_reason"] == "Price"
    assert move(owner, path, sales["New"]).json["lost_reason"] is None
    assert move(owner, path, sales["Lost"]).json["lost_reason"] is None


def test_only_what_says_where_to_is_a_move(
    owner: Client, stranger: Client, path: str, sales: Pipeline
) -> None:
    before = owner.get(path).body
    theirs = pipeline(stranger)["Won"]
    for body, codes in (
        ({}, {"stage_id": "required"}),
        ({"stage_id": None}, {"stage_id": "required"}),
        ({"stage_id": 5}, {"stage_id": "invalid_type"}),
        ({"stage_id": theirs}, {"stage_id": "not_found"}),
        ({"stage_id": sales.id}, {"stage_id": "not_found"}),
        ({"stage_id": "Won"}, {"stage_id": "not_found"}),
        ({"stage_id": sales["Won"].upper()}, {"stage_id": "not_found"}),
        ({"stage_id": sales["Won"], "lost_reason": "x"}, {"lost_reason": "invalid"}),
        (
            {"stage_id": sales["Lost"], "lost_reason": "x" * 1001},
            {"lost_reason": "too_long"},
        ),
        ({"stage_id": sales["Won"], "status": "won"}, {"status": "unknown_field"}),
        ({"stage_id": sales["Won"], "id": "deal_1"}, {"id": "unknown_field"}),
    ):
        answer = owner.post(f"{path}/stage", body)
        assert (answer.status, answer.codes) == (422, codes), body
    assert owner.get(path).body == before


def test_a_repeated_move_gets_the_first_answer(
    owner: Client, path: str, sales: Pipeline
) -> None:
    won, lost = {"stage_id": sales["Won"]}, {"stage_id": sales["Lost"]}
    first = owner.post(f"{path}/stage", won, idempotency_key="k")
    assert owner.post(f"{path}/stage", lost).status == 200
    again = owner.post(f"{path}/stage", won, idempotency_key="k")
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert owner.get(path).json["status"] == "lost"
    other = owner.post(f"{path}/stage", lost, idempotency_key="k")
    assert other.json["type"].endswith("idempotency-key-reused")
    assert len(told(owner, first.json["id"])) == 5


def test_a_move_keeps_to_its_precondition(
    owner: Client, path: str, sales: Pipeline
) -> None:
    etag = owner.get(path).headers["etag"]
    body = {"stage_id": sales["Won"]}
    assert owner.post(f"{path}/stage", body, if_match='"0"').status == 412
    moved = owner.post(f"{path}/stage", body, if_match=etag)
    assert moved.status == 200
    assert moved.headers["etag"] != etag
    assert owner.post(f"{path}/stage", body, if_match=etag).status == 412


def test_who_may_not_write_a_deal_may_not_move_it(
    owner: Client,
    tenant: Tenant,
    path: str,
    sales: Pipeline,
    member: Client,
    open_client: OpenClient,
) -> None:
    never = move(owner, "/deals/deal_0123456789abcdef01234567", sales["Won"])
    hidden = move(member, path, sales["Won"])
    assert (hidden.status, never.status) == (404, 404)
    viewer = open_client(tenant.tokens["viewer"])
    assert move(viewer, path, sales["Won"]).json["refused_by"] == "role"
    reader = open_client(tenant.token(["deal.read", "deal.delete"]))
    assert move(reader, path, sales["Won"]).json["required"] == "deal.write"
    assert owner.get(path).json["status"] == "open"


def test_moves_at_once_follow_one_another(
    tenant: Tenant, owner: Client, path: str, sales: Pipeline
) -> None:
    stages = [*sales.stages.values()] * 2
    with crowd(tenant, len(stages)) as clients:
        answers = at_once(
            lambda pair: move(pair[0], path, pair[1]),
            list(zip(clients, stages, strict=True)),
        )
    assert {answer.status for answer in answers} == {200}
    assert [a.json["stage_id"] for a in answers] == stages
    deal = owner.get(path).json
    steps = [e for e in told(owner, deal["id"]) if e["event"] == "stage_changed"]
    stage = sales["New"]
    for step in steps:
        assert step["from"] == stage != step["to"]
        stage = step["to"]
    assert stage == deal["stage_id"]
    assert len(steps) >= len(sales.stages) - 1


def test_a_deal_that_is_moved_while_it_is_deleted_is_gone(
    tenant: Tenant, owner: Client, sales: Pipeline
) -> None:
    moved = []
    with closing(tenant.client()) as other:
        for _ in range(25):
            path = f"/deals/{owner.create('/deals', PUMP)['id']}"

            def act(client: Client, path: str = path) -> int:
                if client is owner:
                    return client.delete(path).status
                return move(client, path, sales["Won"]).status

            deleted, outcome = at_once(act, [owner, other])
            assert deleted == 204
            moved.append(outcome)
            assert owner.get(path).status == 404
            assert move(other, path, sales["New"]).status == 404
    assert set(moved) <= {200, 404}
    assert owner.search("/activities")["data"] == []


def test_an_update_over_grpc_moves_no_deal(
    tenant: Tenant, owner: Client, path: str, sales: Pipeline
) -> None:
    metadata = bearer(tenant.tokens["owner"])
    deal = pb.Deal(name="Valve", stage_id=sales["Won"], pipeline_id="pip_1")
    request = pb.UpdateDealRequest(id=path.rpartition("/")[2], deal=deal)
    with grpc.insecure_channel(tenant.stack.grpc) as channel:
        stub: Any = deals_pb2_grpc.DealServiceStub(channel)
        updated = stub.UpdateDeal(request, metadata=metadata, timeout=60)
        masked = pb.UpdateDealRequest()
        masked.CopyFrom(request)
        masked.update_mask.CopyFrom(FieldMask(paths=["stage_id", "status"]))
        found = refused(stub.UpdateDeal, masked, metadata=metadata)
        going = pb.MoveDealRequest(id=request.id, stage_id=sales["Won"])
        won = stub.MoveDeal(going, metadata=metadata, timeout=60)
    assert (updated.name, updated.stage_id) == ("Valve", sales["New"])
    assert found.faults == {"deal.stage_id": "READ_ONLY", "deal.status": "READ_ONLY"}
    assert won.status == pb.DEAL_STATUS_WON
