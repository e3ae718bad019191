"""E-mails that tests make. They wait for months, so nothing of them is sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests import stacks
from tests.client import Client
from tests.world import administer

_SMTP = {"host": "smtp.engine.example", "port": 587, "security": "starttls"}
_READER = "reader@engine.example"
_DAY = timedelta(days=1)
_AHEAD = timedelta(days=300)
_VERIFY = """
UPDATE senders SET verified_at = now() WHERE business_id = $1 AND id = $2
"""


def sender(client: Client) -> str:
    """The id of a verified sender: one that is there, or else a new one."""
    for each in client.pages("/senders"):
        if each["verified_at"]:
            return str(each["id"])
    body = {"address": "team@engine.example", "smtp": _SMTP}
    made = str(client.create("/senders", body)["id"])
    verify(client, made)
    return made


def verify(client: Client, sender_id: str) -> None:
    """Verifies a sender without its link, which is in a mail that no test gets."""
    business_id = client.get("/me").json["business"]["id"]
    url = stacks.at(client.address).database_url
    administer(url, lambda its: its.run(_VERIFY, business_id, sender_id))


def contact(client: Client) -> str:
    """The id of the contact to whom all of a tenant's e-mails go.

    Its address is the same for all tenants, so that examples are the same.
    """
    of_email = {"field": "email", "operator": "eq", "value": _READER}
    for each in client.search("/contacts", filters=[of_email])["data"]:
        return str(each["id"])
    return str(client.create("/contacts", {"email": _READER})["id"])


def request(client: Client, n: int = 0, **given: Any) -> dict[str, Any]:
    """What creates the nth e-mail."""
    said = given.keys()
    moment = (datetime.now(UTC) + n * _DAY + _AHEAD).strftime("%Y-%m-%dT%H:%M:%SZ")
    body: dict[str, Any] = {"send_at": moment}
    if "sender_id" not in said:
        body["sender_id"] = sender(client)
    if "to_contact_id" not in said:
        body["to_contact_id"] = contact(client)
    if "template_id" not in said:
        body |= {"subject": f"Your engine {n}", "html": "<p>It is ready.</p>"}
    return body | given
