"""Defines formulas of contacts."""

from typing import Any

from tests.client import Client
from tests.end_to_end.schema.defining import define

TOTAL = "custom_fields.seats * custom_fields.price"


def formula(client: Client, expression: str, **more: Any) -> Any:
    """Defines the formula `it` of contacts."""
    return define(client, "formula", expression=expression, **more)


def seats_and_price(client: Client) -> None:
    """Two numbers of contacts."""
    define(client, "integer", key="seats", label="Seats")
    define(client, "decimal", key="price", label="Price", decimals=2)
