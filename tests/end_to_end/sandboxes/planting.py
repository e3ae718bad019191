"""Plants records with values that could be a person's in a live tenant."""

from typing import Any

from tests.client import Client
from tests.end_to_end.schema.defining import define

# Values that could be a person's, each in another field.
PLANTED = [f"Zyxplanted{n}" for n in range(20)]


def plant(owner: Client) -> Any:
    """A contact and all about it, with a planted value in each text. Returns its id."""
    values = iter(PLANTED)
    field = define(owner, "contacts", key="nickname", label="Nickname", type="text")
    company = owner.create(
        "/companies",
        {
            "name": next(values),
            "domain": f"{next(values).lower()}.example",
            "description": next(values),
            "industry": next(values),
            "city": next(values),
        },
    )
    contact = owner.create(
        "/contacts",
        {
            "first_name": next(values),
            "last_name": next(values),
            "email": f"{next(values)}@a.example",
            "job_title": next(values),
            "source": next(values),
            "address1": next(values),
            "tags": [next(values)],
            "custom_fields": {field["key"]: next(values)},
            "company_id": company["id"],
        },
    )
    link = {"contact_id": contact["id"]}
    owner.create("/deals", {"name": next(values), "source": next(values), **link})
    task = {"name": next(values), "description": next(values)}
    owner.create("/tasks", task | link)
    owner.create("/notes", {"body": next(values), **link})
    call = {"type": "call", "subject": next(values), "body": next(values)}
    owner.create("/activities", call | link)
    assert next(values, None) is None
    return contact["id"]
