"""Senders and e-mails that tests make."""

from typing import Any

from tests.client import Client
from tests.harness.promptly import within
from tests.stacks import Stack
from tests.world import administer

PUBLIC_URL = "https://api.example"
MAILING = {
    "PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true",
    "PROSPECTCONNECT_PUBLIC_URL": PUBLIC_URL,
}
_VERIFY = """
UPDATE senders SET verified_at = now() WHERE business_id = $1 AND id = $2
"""


def sender(client: Client, stack: Stack, port: int, **others: Any) -> str:
    """A new sender at a mail server of this machine, verified; its id."""
    smtp = {"host": "127.0.0.1", "port": port, "security": "none"}
    body = {"address": "news@tenant.example", "name": "Tenant", "smtp": smtp, **others}
    made = client.create("/senders", body)["id"]
    business_id = client.get("/me").json["business"]["id"]
    administer(stack.database_url, lambda its: its.run(_VERIFY, business_id, made))
    return str(made)


def send(client: Client, sender_id: str, contact: str, **others: Any) -> Any:
    """A new e-mail."""
    body = {
        "sender_id": sender_id,
        "to_contact_id": contact,
        "subject": "Hello",
        "html": "<p>Good morning.</p>",
        **others,
    }
    return client.create("/emails", body)


def ends(client: Client, email_id: str, seconds: float = 30) -> Any:
    """An e-mail, once it is queued no longer."""
    found: list[Any] = []

    def has_ended() -> bool:
        found[:] = [client.get(f"/emails/{email_id}").json]
        return bool(found[0]["status"] != "queued")

    assert within(seconds, has_ended), found
    return found[0]
