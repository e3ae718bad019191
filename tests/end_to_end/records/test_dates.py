"""Days are real days of the years 1 to 9999, and are found and ordered as such."""

import grpc
import pytest
from google.type.date_pb2 import Date
from prospectconnect.crm.v1 import deals_pb2 as pb
from prospectconnect.crm.v1.deals_pb2_grpc import DealServiceStub

from tests.client import Client
from tests.harness.wire.grpc_calls import bearer, refused
from tests.stacks import Stack
from tests.world import Tenant

DAYS = ("0001-01-01", "1999-12-31", "2024-02-29", "2026-06-17", "9999-12-31")

NO_DAYS = {
    '"0000-01-01"': "invalid_format",
    '"10000-01-01"': "invalid_format",
    '"-001-01-01"': "invalid_format",
    '"2026-02-30"': "invalid_format",
    '"2023-02-29"': "invalid_format",
    '"2026-13-01"': "invalid_format",
    '"2026-00-10"': "invalid_format",
    '"2026-06-00"': "invalid_format",
    '"2026-6-1"': "invalid_format",
    '"20260617"': "invalid_format",
    '"2026-W25-3"': "invalid_format",
    '"2026-06-17T00:00:00Z"': "invalid_format",
    '"2026-06-17\\n"': "invalid_format",
    '"\\uff12026-06-17"': "invalid_format",
    '"infinity"': "invalid_format",
    '"today"': "invalid_format",
    '""': "invalid_format",
    "20260617": "invalid_type",
    "2026.5": "invalid_type",
    "true": "invalid_type",
    '["2026-06-17"]': "invalid_type",
    '{"year": 2026}': "invalid_type",
}


@pytest.fixture
def deals(owner: Client) -> Client:
    """A client that sees a deal for each day, called by it, and one without a day."""
    for day in (*DAYS[::2], None, *DAYS[1::2]):
        body = {"name": str(day), "expected_close_date": day}
        assert owner.create("/deals", body)["expected_close_date"] == day
    return owner


def test_a_day_comes_back_as_it_was_sent(
    deals: Client, stack: Stack, tenant: Tenant
) -> None:
    with grpc.insecure_channel(stack.grpc) as channel:
        get = DealServiceStub(channel).GetDeal
        for deal in deals.pages("/deals"):
            day = deal["expected_close_date"]
            assert str(day) == deal["name"]
            assert deals.get(f"/deals/{deal['id']}").json == deal
            request = pb.GetDealRequest(id=deal["id"])
            message = get(request, metadata=bearer(tenant.tokens["owner"]))
            assert message.HasField("expected_close_date") == (day is not None)
            if day is not None:
                assert message.expected_close_date == _date(day)


def _date(day: str) -> Date:
    year, month, number = (int(part) for part in day.split("-"))
    return Date(year=year, month=month, day=number)


def test_what_is_no_day_is_refused(owner: Client) -> None:
    deal = owner.create("/deals", {"name": "Deal", "expected_close_date": "2026-06-17"})
    for day, code in NO_DAYS.items():
        body = b'{"name": "Deal", "expected_close_date": %s}' % day.encode()
        answers = owner.post("/deals", body), owner.patch(f"/deals/{deal['id']}", body)
        for answer in answers:
            assert answer.status == 422, (day, answer.body)
            assert answer.codes == {"expected_close_date": code}, day
    assert owner.pages("/deals") == [deal]


def test_what_is_no_day_is_no_condition(owner: Client) -> None:
    for day, code in NO_DAYS.items():
        body = (
            b'{"filters": [{"field": "expected_close_date", "operator": "gt",'
            b' "value": %s}]}' % day.encode()
        )
        answer = owner.post("/deals/search", body)
        assert answer.status == 422, (day, answer.body)
        ((field, found),) = answer.codes.items()
        assert field.startswith("filters[0].value"), day
        assert found == code, day


@pytest.mark.parametrize(
    "parts",
    [
        {"year": 0, "month": 5, "day": 1},
        {"year": 2026, "month": 6, "day": 0},
        {"year": 2026, "month": 0, "day": 0},
        {"year": 2026, "month": 2, "day": 30},
        {"year": 10_000, "month": 1, "day": 1},
        {"year": -1, "month": 1, "day": 1},
        {},
    ],
    ids=str,
)
def test_grpc_refuses_part_of_a_day(
    stack: Stack, tenant: Tenant, parts: dict[str, int]
) -> None:
    deal = pb.Deal(name="Deal", expected_close_date=Date(**parts))
    with grpc.insecure_channel(stack.grpc) as channel:
        found = refused(
            DealServiceStub(channel).CreateDeal,
            pb.CreateDealRequest(deal=deal),
            metadata=bearer(tenant.tokens["owner"]),
        )
    assert found.faults == {"deal.expected_close_date": "INVALID_FORMAT"}


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("eq", {"value": "2024-02-29"}, DAYS[2:3]),
        ("neq", {"value": "2024-02-29"}, (*DAYS[:2], *DAYS[3:], "None")),
        ("gt", {"value": "2024-02-29"}, DAYS[3:]),
        ("gte", {"value": "2024-02-29"}, DAYS[2:]),
        ("lt", {"value": "9999-12-31"}, DAYS[:4]),
        ("lte", {"value": "0001-01-01"}, DAYS[:1]),
        ("between", {"values": ["1999-12-31", "2026-06-17"]}, DAYS[1:4]),
        ("in", {"values": ["0001-01-01", "2026-06-18"]}, DAYS[:1]),
        ("is_empty", {}, ("None",)),
        ("is_not_empty", {}, DAYS),
    ],
)
def test_days_are_compared_and_none_comes_last(
    deals: Client, operator: str, given: dict[str, object], expected: tuple[str, ...]
) -> None:
    condition = {"field": "expected_close_date", "operator": operator, **given}
    for direction in ("asc", "desc"):
        found = deals.pages(
            "/deals",
            filters=[condition],
            order_by="expected_close_date",
            sort_direction=direction,
            limit=2,
        )
        names = [each["name"] for each in found]
        unset = names[names.index("None") :] if "None" in names else []
        days = [name for name in names if name != "None"]
        assert sorted(names) == sorted(expected)
        assert names == sorted(days, reverse=direction == "desc") + unset
