"""Money is exact from end to end: what was sent is what comes back, to the cent.

Values are sent and looked at as bytes, since a JSON library would already round.
"""

import re
from collections.abc import Iterator

import grpc
import pytest
from google.type.decimal_pb2 import Decimal
from prospectconnect.crm.v1 import deals_pb2 as pb
from prospectconnect.crm.v1.deals_pb2_grpc import DealServiceStub

from services.kinds.codes import CURRENCIES
from tests.client import Answer, Client
from tests.harness.wire.grpc_calls import bearer, refused
from tests.stacks import Stack
from tests.world import Tenant

# What is sent, and how it is written ever after.
EXACT = {
    "0": "0",
    "-0": "0",
    "-0.0": "0",
    "0e1000000": "0",
    "0.01": "0.01",
    "0.1": "0.1",
    "0.10": "0.1",
    "0.30": "0.3",
    "1.1": "1.1",
    "1.10": "1.1",
    "11e-1": "1.1",
    "100": "100",
    "100.00": "100",
    "1e2": "100",
    "1E+2": "100",
    "1.005e3": "1005",
    "19.99": "19.99",
    "4.35": "4.35",
    "1.15": "1.15",
    "1234567.89": "1234567.89",
    "4503599627370.49": "4503599627370.49",
    "9007199254740.93": "9007199254740.93",
    "8888888888888.88": "8888888888888.88",
    "9999999999999.98": "9999999999999.98",
    "9999999999999.99": "9999999999999.99",
    "10000000000000": "10000000000000",
    "10000000000000.00": "10000000000000",
    "1e13": "10000000000000",
}
INEXACT = {
    "0.001": "invalid",
    "1.005": "invalid",
    "9999999999999.999": "invalid",
    "1e-400": "invalid",
    "1e-999999999": "invalid",
    "10000000000000.01": "too_large",
    "10000000000000.0000000001": "too_large",
    "1e14": "too_large",
    "1e400": "too_large",
    "1e999999999": "too_large",
    "1" * 400: "too_large",
    "-0.01": "too_small",
    "-1": "too_small",
    "-1e999999999": "too_small",
    '"5"': "invalid_type",
    '"1e2"': "invalid_type",
    "true": "invalid_type",
    "[1]": "invalid_type",
    '{"value": "1"}': "invalid_type",
}
NO_JSON = ("NaN", "Infinity", "-Infinity", "01", ".5", "1.", "+1", "1_0", "0x10", "1e")

_VALUE = re.compile(rb'"value":([^,}]*)')


def written(answer: Answer) -> str:
    """The first value in an answer, as its bytes hold it."""
    assert answer.status in (200, 201), answer.body
    found = _VALUE.search(answer.body)
    assert found is not None, answer.body
    return found[1].decode()


def body(value: str) -> bytes:
    return b'{"name": "Deal", "value": %s}' % value.encode()


def by_id(deal_id: str) -> dict[str, object]:
    return {"filters": [{"field": "id", "operator": "eq", "value": deal_id}]}


@pytest.fixture
def deals(stack: Stack) -> Iterator[DealServiceStub]:
    with grpc.insecure_channel(stack.grpc) as channel:
        yield DealServiceStub(channel)


def test_a_value_comes_back_digit_for_digit(
    owner: Client, deals: DealServiceStub, tenant: Tenant
) -> None:
    metadata = bearer(tenant.tokens["owner"])
    for sent, kept in EXACT.items():
        created = owner.post("/deals", body(sent))
        deal_id = created.json["id"]
        got = owner.get(f"/deals/{deal_id}")
        assert written(created) == kept, sent
        assert got.body == created.body
        assert written(owner.post("/deals/search", by_id(deal_id))) == kept
        request = pb.GetDealRequest(id=deal_id)
        assert deals.GetDeal(request, metadata=metadata).value.value == kept
        assert _of_javascript(written(got)) == kept


def _of_javascript(text: str) -> str:
    """What a client without decimals shows of a number: the shortest that reads so."""
    return repr(float(text)).removesuffix(".0")


def test_an_update_is_as_exact_as_a_create(owner: Client) -> None:
    deal = owner.create("/deals", {"name": "Deal"})
    for sent, kept in EXACT.items():
        answer = owner.patch(f"/deals/{deal['id']}", b'{"value": %s}' % sent.encode())
        assert written(answer) == kept, sent
        assert owner.get(f"/deals/{deal['id']}").body == answer.body
    cleared = owner.patch(f"/deals/{deal['id']}", {"value": None})
    assert written(cleared) == "null"


def test_the_same_number_written_otherwise_is_the_same(owner: Client) -> None:
    first = owner.post("/deals", body("1.10"), idempotency_key="k")
    for same in ("1.1", "1.100", "11e-1"):
        again = owner.post("/deals", body(same), idempotency_key="k")
        assert again.headers["idempotent-replayed"] == "true"
        assert again.body == first.body
        path = f"/deals/{first.json['id']}"
        unchanged = owner.patch(path, b'{"value": %s}' % same.encode())
        assert unchanged.body == first.body
        assert unchanged.headers["etag"] == first.headers["etag"]
    other = owner.post("/deals", body("1.11"), idempotency_key="k")
    assert other.status == 422


def test_what_cannot_be_kept_exactly_is_refused(owner: Client) -> None:
    deal = owner.create("/deals", {"name": "Deal", "value": 5})
    for value, code in INEXACT.items():
        answers = [
            owner.post("/deals", body(value)),
            owner.patch(f"/deals/{deal['id']}", body(value)),
        ]
        for answer in answers:
            assert answer.status == 422, (value, answer.body)
            assert answer.codes == {"value": code}, value
    assert len(owner.pages("/deals")) == 1
    assert owner.get(f"/deals/{deal['id']}").json == deal


@pytest.mark.parametrize("value", NO_JSON)
def test_what_is_no_json_number_is_no_json(owner: Client, value: str) -> None:
    assert owner.post("/deals", body(value)).status == 400


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.10", "1.1"),
        ("1e2", "100"),
        ("1.5E+1", "15"),
        ("+1", "1"),
        (".5", "0.5"),
        ("1.", "1"),
        ("0100", "100"),
        ("-0", "0"),
        ("0e1000000", "0"),
        ("0." + "0" * 50_000, "0"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_grpc_takes_every_spelling_and_keeps_one(
    deals: DealServiceStub, tenant: Tenant, owner: Client, sent: str, kept: str
) -> None:
    metadata = bearer(tenant.tokens["owner"])
    deal = pb.Deal(name="Deal", value=Decimal(value=sent))
    created = deals.CreateDeal(pb.CreateDealRequest(deal=deal), metadata=metadata)
    assert created.value.value == kept
    request = pb.GetDealRequest(id=created.id)
    assert deals.GetDeal(request, metadata=metadata) == created
    assert written(owner.get(f"/deals/{created.id}")) == kept


def test_grpc_refuses_what_is_no_number(deals: DealServiceStub, tenant: Tenant) -> None:
    metadata = bearer(tenant.tokens["owner"])
    refusals = dict.fromkeys(
        ("", " 1", "1_000", "1,5", "--1", "1e", "0x10", "nan", "inf", "\u0661"),
        "INVALID_FORMAT",
    )
    refusals |= {"1e9999999": "TOO_LARGE", "-1": "TOO_SMALL", "1e-9999999": "INVALID"}
    for value, reason in refusals.items():
        deal = pb.Deal(name="Deal", value=Decimal(value=value))
        request = pb.CreateDealRequest(deal=deal)
        found = refused(deals.CreateDeal, request, metadata=metadata)
        assert found.faults == {"deal.value": reason}, value


def test_a_revenue_is_exact_beyond_what_a_double_holds(owner: Client) -> None:
    sent = b'{"name": "Acme", "annual_revenue": 999999999999999.99}'
    created = owner.post("/companies", sent)
    assert b'"annual_revenue":999999999999999.99,' in created.body
    assert owner.get(f"/companies/{created.json['id']}").body == created.body


def test_every_currency_of_iso_4217_is_kept(owner: Client) -> None:
    everywhere = {"USD", "EUR", "JPY", "BRL", "CHF", "BHD", "XAF", "XCG", "ZWG", "VED"}
    assert everywhere <= CURRENCIES
    for code in sorted(CURRENCIES):
        deal = owner.create("/deals", {"name": "Deal", "currency": code})
        assert deal["currency"] == code
    euros = [{"field": "currency", "operator": "eq", "value": "eur"}]
    (found,) = owner.search("/deals", filters=euros)["data"]
    assert found["currency"] == "EUR"


@pytest.mark.parametrize(
    "code",
    ["usd", "Usd", "US", "USDX", "US$", "\u20ac", "DEM", "HRK", "XXX", "XTS", "XAU"],
)
def test_what_is_no_currency_is_refused(owner: Client, code: str) -> None:
    answer = owner.post("/deals", {"name": "Deal", "currency": code})
    assert answer.status == 422
    assert answer.codes == {"currency": "invalid_choice"}


def test_a_deal_is_in_the_tenants_currency_unless_told_otherwise(owner: Client) -> None:
    assert owner.create("/deals", {"name": "Deal"})["currency"] == "USD"
    deal = owner.create("/deals", {"name": "Deal", "currency": " EUR "})
    assert deal["currency"] == "EUR"
    cleared = owner.patch(f"/deals/{deal['id']}", {"currency": None})
    assert cleared.json["currency"] == "USD"
