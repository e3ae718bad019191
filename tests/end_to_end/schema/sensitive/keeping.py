"""Contacts with a value of a sensitive field."""

from typing import Any

from tests.client import Client
from tests.end_to_end.schema.defining import contact

SECRET = "zq-7731"
MASKED = ["custom_fields.it"]
READ_ONLY = {"custom_fields.it": "read_only"}


def kept(client: Client, value: str | None = SECRET, **more: Any) -> str:
    """Creates a contact with the field, and returns its path."""
    body = contact(it=value, **more) if value else contact(**more)
    return f"/contacts/{client.create('/contacts', body)['id']}"


def is_masked(record: Any) -> bool:
    return record["custom_fields"]["it"] is None and record.get("masked") == MASKED
