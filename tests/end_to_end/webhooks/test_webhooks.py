"""Webhooks as a resource: what a tenant keeps, and what it may keep."""

import base64
from typing import Any

from tests.client import Client

URL = "https://example.com/hooks"


def webhook(**fields: Any) -> dict[str, Any]:
    return {"url": URL, "types": ["contact.*"], **fields}


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(owner: Client) -> None:
    made = owner.create("/webhooks", webhook(description="CRM"))
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert made == made | {
        "url": URL,
        "description": "CRM",
        "types": ["contact.*"],
        "filters": [],
        "include": [],
        "version": "2026-11-01",
        "ordered": True,
        "active": True,
        "disabled_reason": None,
        "client_id": None,
        "pending": 0,
        "oldest_pending_at": None,
        "delivered": 0,
        "given_up": 0,
        "failing_since": None,
    }
    read = owner.get(f"/webhooks/{made['id']}")
    assert read.json == made
    assert owner.search("/webhooks")["data"] == [read.json]
