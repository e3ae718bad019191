"""A program as integrators write it; `make types` holds the client's types to it."""

from prospectconnect_client import (
    Answer,
    AsyncProspectConnect,
    Call,
    ProspectConnect,
    ValidationFailed,
)


def promising(client: ProspectConnect) -> list[str]:
    """The names of promising contacts."""
    search = client.contacts.search(
        filters=[
            {"field": "lead_score", "operator": "between", "values": [50, 100]},
            {
                "any": [
                    {"field": "email", "operator": "ends_with", "value": ".example"},
                    {"field": "tags", "operator": "any_of", "values": ["VIP"]},
                    {"field": "custom_fields.tier", "operator": "eq", "value": "gold"},
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
    client.deals.update(deal_id, value=1200.5, lost_reason=None)
    deal = client.deals.move(deal_id, stage_id=stage_id, idempotency_key="win-1")
    return deal["status"]


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


async def totals(client: AsyncProspectConnect) -> list[int]:
    """What each page says of all that was found."""
    pages = client.contacts.search(include_total=True).pages()
    return [page["meta"]["total"] async for page in pages]
