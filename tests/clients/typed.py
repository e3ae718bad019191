"""A program as integrators write it; `make types` holds the client's types to it."""

from datetime import UTC, date, datetime
from decimal import Decimal

from prospectconnect_client import (
    Answer,
    AsyncProspectConnect,
    Call,
    ProspectConnect,
    RateLimit,
    Response,
    ValidationFailed,
    custom_field,
)

FEE = Decimal("1200.50")
SINCE = datetime(2026, 6, 17, tzinfo=UTC)


def promising(client: ProspectConnect) -> list[str]:
    """The names of promising contacts."""
    search = client.contacts.search(
        filters=[
            {"field": "lead_score", "operator": "between", "values": [50, 100]},
            {
                "any": [
                    {"field": "email", "operator": "ends_with", "value": ".example"},
                    {"field": "tags", "operator": "any_of", "values": ["VIP"]},
                    {"field": custom_field("tier"), "operator": "eq", "value": "gold"},
                    {"field": custom_field("seats"), "operator": "in", "values": [3]},
                    {"field": custom_field("fee"), "operator": "gt", "value": FEE},
                    {"all": [{"field": custom_field("fee"), "operator": "is_empty"}]},
                    {"field": "created_at", "operator": "gte", "value": SINCE},
                ]
            },
            {"not": {"field": "owner_id", "operator": "is_empty"}},
        ],
        order_by="lead_score",
        sort_direction="desc",
    )
    return [contact["name"] for contact in search]


def win(client: ProspectConnect, deal_id: str, stage_id: str) -> str:
    """Moves a deal and returns its status."""
    client.deals.update(deal_id, value=FEE, lost_reason=None)
    client.deals.update(deal_id, value=1200.5, expected_close_date=date(2026, 6, 17))
    client.deals.update(deal_id, value=1200, expected_close_date="2026-06-17")
    client.activities.create(type="call", contact_id="con_1", occurred_at=SINCE)
    deal = client.deals.move(deal_id, stage_id=stage_id, idempotency_key="win-1")
    return deal["status"]


def worth(client: ProspectConnect, seats: Decimal) -> Decimal:
    """What the deals of a day are worth together."""
    deals = client.deals.search(
        filters=[
            {"field": "value", "operator": "between", "values": [1, FEE, 1.5]},
            {"field": "expected_close_date", "operator": "eq", "value": SINCE.date()},
            {"field": "status", "operator": "in", "values": ["open", "won"]},
        ]
    )
    found: list[str | int | Decimal | bool | list[str] | None] = [
        deal["custom_fields"]["seats"] for deal in deals
    ]
    values = [deal["value"] or Decimal(0) for deal in deals if found]
    return sum(values, Decimal(0)) * seats


def faults(client: ProspectConnect) -> list[str]:
    """What the API finds fault with."""
    try:
        client.tasks.create(name="", priority="high")
    except ValidationFailed as problem:
        return [fault["code"] for fault in problem.errors]
    return []


def version(client: ProspectConnect, contact_id: str) -> str | None:
    """A contact's version."""
    answer: Answer = client.send(Call("GET", f"/v1/contacts/{contact_id}", None, {}))
    return answer.etag


def told(client: ProspectConnect, contact_id: str) -> tuple[str, bool, int]:
    """What is told beside a contact."""
    made = client.with_response.contacts.create(email="ada@engine.example")
    gone: Response[None] = client.with_response.contacts.delete(contact_id)
    limit: RateLimit | None = gone.rate_limit
    for page in client.with_response.contacts.search().pages():
        print(page.data["meta"]["cursor"]["next"], page.trace_id)
    for contact in client.with_response.contacts.search():
        print(contact["name"])
    return made.data["name"], made.replayed, limit.remaining if limit else 0


async def told_async(client: AsyncProspectConnect) -> str | None:
    """The version of a contact that was just made."""
    made = await client.with_response.contacts.create(email="ada@engine.example")
    return made.etag if made.data["name"] else None


async def totals(client: AsyncProspectConnect) -> list[int]:
    """What each page says of all that was found."""
    pages = client.contacts.search(include_total=True).pages()
    return [page["meta"]["total"] async for page in pages]
