"""How often sandboxes are made and reset, and what they may send together."""

import pytest
from google.protobuf.struct_pb2 import Value
from google.type.decimal_pb2 import Decimal
from prospectconnect.iam.v1 import sandboxes_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import CURRENT_CALL, NOBODY, Call
from services.postgres.database import Database
from services.sandboxes.faults import FaultMethods
from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.harness.promptly import within
from tests.world import Tenant, administer

_LIMIT = """
UPDATE tenants SET limit_requests = $2, limit_seconds = 3600 WHERE business_id = $1
"""
# Rows as 49 further sandboxes leave them that were deleted.
_MANY = """
INSERT INTO sandboxes (business_id, id, name, copy, expires_at, state, created_at,
  updated_at, deleted_at)
SELECT s.business_id, 'sbx_' || lpad(n::text, 24, '0'), s.name, s.copy, s.expires_at,
  s.state, s.created_at, s.updated_at, now()
FROM sandboxes AS s, generate_series(1, 49) AS n WHERE s.business_id = $1
"""


def run(tenant: Tenant, sql: str, *values: object) -> None:
    async def work(database: Database) -> None:
        await database.run(sql, tenant.business_id, *values)

    administer(tenant.stack.database_url, work)


def test_a_tenant_makes_at_most_fifty_sandboxes_in_a_day(
    owner: Client, tenant: Tenant
) -> None:
    make(owner, "nothing")
    run(tenant, _MANY)
    answer = owner.post("/sandboxes", {"name": "One more", "copy": "nothing"})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "too_many")
    assert "24 hours" in answer.json["errors"][0]["message"]


def test_a_tenant_resets_at_most_ten_times_in_an_hour(owner: Client) -> None:
    path = f"/sandboxes/{make(owner, 'nothing')['id']}"
    for _ in range(10):
        assert owner.post(f"{path}/reset", {}).status == 200
        assert within(60, lambda: owner.get(path).json["state"] == "ready")
    answer = owner.post(f"{path}/reset", {})
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (
        429,
        "rate-limited",
    )
    assert int(answer.headers["retry-after"]) > 0
    assert owner.get(path).json["state"] == "ready"


def test_all_sandboxes_have_a_quarter_of_the_live_limit_together(
    owner: Client, tenant: Tenant
) -> None:
    one, other = make(owner, "nothing"), make(owner, "nothing")
    run(tenant, _LIMIT, 40)
    with inside(owner, one) as first, inside(owner, other) as second:
        assert within(60, lambda: left(first) < 10 and left(second) < 10)
        statuses = [
            client.get("/me").status for _ in range(10) for client in (first, second)
        ]
    assert statuses.count(200) < 10
    assert statuses[-1] == 429


def left(client: Client) -> int:
    return int(client.get("/me").headers["x-ratelimit-remaining"])


def test_a_dry_run_makes_no_tenant(owner: Client) -> None:
    body = {"name": "Trial", "copy": "schema_and_sample", "sample": 10_000}
    answer = owner.post("/sandboxes", body, **{"Dry-Run": "true"})
    assert (answer.status, answer.json["token"][:4]) == (201, "pct_")
    assert owner.search("/sandboxes")["data"] == []


@pytest.mark.parametrize(
    "share", ["NaN", "sNaN", "0x1", "\u0660.\u0665", "Infinity", "1e999"]
)
def test_a_share_that_is_no_decimal_is_told(share: str) -> None:
    request = pb.PlantSandboxFaultRequest(
        id="sbx_1", answer=Value(number_value=500), for_requests=1
    )
    request.match.share.CopyFrom(Decimal(value=share))
    assert told(request) == [("match.share", "FAULT_CODE_INVALID")]


def test_deliveries_have_a_fault_that_is_one() -> None:
    request = pb.PlantSandboxFaultRequest(id="sbx_1", for_requests=1)
    request.deliveries = pb.DELIVERY_FAULT_UNSPECIFIED
    assert told(request) == [("deliveries", "FAULT_CODE_INVALID_CHOICE")]


def told(request: pb.PlantSandboxFaultRequest) -> list[tuple[str, str]]:
    """The faults of a request as a gRPC client may send it."""
    database: Database = None  # type: ignore[assignment]  # nothing is read
    set_back = CURRENT_CALL.set(Call(NOBODY))
    try:
        found = FaultMethods(database, []).faults(request)
    finally:
        CURRENT_CALL.reset(set_back)
    return [(each.field, FaultCode.Name(each.code)) for each in found]
