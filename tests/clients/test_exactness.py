"""Amounts, dates and numbers are kept exactly, both ways; money is never a float."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from prospectconnect_client import (
    AsyncProspectConnect,
    Call,
    ProspectConnect,
    ValidationFailed,
    custom_field,
    instant,
)
from tests.world import Tenant

# The largest that the API keeps: as a float its last digits would be others.
LARGEST = Decimal("999999999999999.99")


@pytest.fixture
def api(tenant: Tenant) -> Iterator[ProspectConnect]:
    """The owner's client."""
    with ProspectConnect(tenant.tokens["owner"], f"http://{tenant.stack.http}") as api:
        yield api


@pytest.mark.parametrize("text", ["0", "0.10", "1200", "1200.5", "9999999999999.99"])
def test_an_amount_is_a_decimal_wherever_it_comes_back(
    api: ProspectConnect, text: str
) -> None:
    value = Decimal(text)
    made = api.deals.create(name="Engine", value=value)
    moved = api.deals.move(made["id"], stage_id=made["stage_id"])
    changed = api.deals.update(made["id"], value=value)
    (listed,) = api.deals.search()
    (page,) = api.deals.search().pages()
    deals = [made, moved, changed, listed, page["data"][0], api.deals.get(made["id"])]
    assert [deal["value"] for deal in deals] == [value] * 6
    assert {type(deal["value"]) for deal in deals} == {Decimal}


def test_an_amount_of_17_digits_is_kept(api: ProspectConnect) -> None:
    made = api.companies.create(name="Engines", annual_revenue=LARGEST)
    assert made["annual_revenue"] == LARGEST
    assert api.companies.get(made["id"]) == made


def test_an_amount_is_found_by_its_decimal(api: ProspectConnect) -> None:
    value = Decimal("1200.10")
    made = api.deals.create(name="Engine", value=value)
    api.deals.create(name="Other", value=value + Decimal("0.01"))
    (found,) = api.deals.search(
        filters=[{"field": "value", "operator": "eq", "value": value}]
    )
    assert found == made


def test_no_amount_is_none(api: ProspectConnect) -> None:
    made = api.deals.create(name="Engine", value=Decimal(5))
    assert api.deals.update(made["id"], value=None)["value"] is None


def test_an_amount_of_too_many_places_is_refused_and_not_rounded(
    api: ProspectConnect,
) -> None:
    with pytest.raises(ValidationFailed):
        api.deals.create(name="Engine", value=Decimal("1.005"))


def test_an_amount_is_a_decimal_to_those_who_await(tenant: Tenant) -> None:
    async def values() -> list[Decimal | None]:
        address = f"http://{tenant.stack.http}"
        async with AsyncProspectConnect(tenant.tokens["owner"], address) as api:
            made = await api.deals.create(name="Engine", value=Decimal(1200))
            return [
                made["value"],
                *[deal["value"] async for deal in api.deals.search()],
            ]

    assert repr(asyncio.run(values())) == "[Decimal('1200'), Decimal('1200')]"


def test_numbers_of_custom_fields_are_integers_or_decimals(
    api: ProspectConnect,
) -> None:
    given = {"seats": 3, "fee": Decimal("0.1"), "rate": 2.5, "flag": True}
    made = api.contacts.create(email="ada@engine.example", custom_fields={**given})
    expected = {"seats": 3, "fee": Decimal("0.1"), "rate": Decimal("2.5"), "flag": True}
    assert made["custom_fields"] == expected
    kinds = {key: type(value) for key, value in made["custom_fields"].items()}
    assert kinds == {"seats": int, "fee": Decimal, "rate": Decimal, "flag": bool}
    (found,) = api.contacts.search(
        filters=[
            {
                "field": custom_field("fee"),
                "operator": "between",
                "values": [Decimal("0.1"), Decimal("0.1")],
            }
        ]
    )
    assert found == made


def test_a_date_is_a_date_wherever_it_comes_back(api: ProspectConnect) -> None:
    day = date(2028, 2, 29)
    made = api.tasks.create(name="Call", due_date=day)
    done = api.tasks.complete(made["id"])
    upserted = api.tasks.update(made["id"], due_date="2028-02-29")
    (listed,) = api.tasks.search()
    (page,) = api.tasks.search().pages()
    (by_id,) = api.tasks.by_ids([made["id"]])
    told = api.with_response.tasks.get(made["id"])
    assert by_id is not None
    tasks = [made, done, upserted, listed, page["data"][0], by_id, told.data]
    assert [(task["due_date"], type(task["due_date"])) for task in tasks] == [
        (day, date)
    ] * 7
    assert json.loads(told.body)["due_date"] == "2028-02-29", "as it came"
    assert api.tasks.update(made["id"], due_date=None)["due_date"] is None


def test_a_date_is_a_date_to_those_who_await(tenant: Tenant) -> None:
    async def days() -> list[date | None]:
        address = f"http://{tenant.stack.http}"
        async with AsyncProspectConnect(tenant.tokens["owner"], address) as api:
            await api.deals.create(name="Engine", expected_close_date="2026-06-17")
            return [deal["expected_close_date"] async for deal in api.deals.search()]

    assert asyncio.run(days()) == [date(2026, 6, 17)]


def test_a_timestamp_is_the_same_instant(api: ProspectConnect) -> None:
    at = datetime(2026, 6, 17, 16, 30, 0, 120, tzinfo=UTC)
    deal = api.deals.create(name="Engine")
    call = api.activities.create(type="call", deal_id=deal["id"], occurred_at=at)
    assert instant(call["occurred_at"]) == at
    again = api.activities.update(call["id"], occurred_at=instant(call["occurred_at"]))
    assert again["occurred_at"] == call["occurred_at"]


def test_dates_and_instants_are_taken(api: ProspectConnect) -> None:
    day, at = date(2026, 6, 17), datetime(2026, 6, 17, 16, 30, tzinfo=UTC)
    east = at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    deal = api.deals.create(name="Engine", expected_close_date=day)
    assert deal["expected_close_date"] == day
    call = api.activities.create(
        type="call", deal_id=deal["id"], occurred_at=east, metadata={"day": day}
    )
    assert call["occurred_at"] == "2026-06-17T16:30:00Z"
    assert call["metadata"] == {"day": "2026-06-17"}
    (found,) = api.deals.search(
        filters=[{"field": "expected_close_date", "operator": "eq", "value": day}]
    )
    assert found == deal
    calls = api.activities.search(
        filters=[{"field": "occurred_at", "operator": "in", "values": [at]}]
    )
    assert [each["id"] for each in calls] == [call["id"]]


def test_the_answer_to_a_call_by_hand_has_no_float(api: ProspectConnect) -> None:
    made = api.deals.create(name="Engine", value=Decimal("1200.50"))
    answer = api.send(Call("GET", f"/v1/deals/{made['id']}", None, {}))
    assert repr(answer.json["value"]) in {"Decimal('1200.5')", "Decimal('1200.50')"}


@pytest.mark.parametrize("key", ["", "Seats", "custom_fields.seats", "1st", 65 * "s"])
def test_what_is_no_custom_field_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="No custom field has the key"):
        custom_field(key)
