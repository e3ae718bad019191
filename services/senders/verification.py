"""The mail that verifies a sender, from its address to that address."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Any

from services.caller import NOBODY
from services.errors import NotFound
from services.mailing.kinds import Composed, End, From, Mail, Refused
from services.mailing.signing import domain_of
from services.postgres.database import Transaction
from services.records.engine import Records
from services.sealed.forms import Forms
from services.senders import links

_POLICY = SMTP.clone(cte_type="7bit")
_TEXT = """\
{business} wants to send e-mail from this address, {address}.

If that is right, open this page within 24 hours, and press its button:

{url}

If you know nothing of it, do nothing: then nothing is sent from this address.
"""


class VerificationMail:
    """Mails the links that verify senders."""

    def __init__(self, records: Records[Any], forms: Forms, public_url: str) -> None:
        self._records, self._forms = records, forms
        self._url = public_url.rstrip("/")

    async def compose(self, mail: Mail, sender: From) -> Composed | Refused:
        """The mail with a new link, unless the sender is verified by now."""
        caller = replace(NOBODY, business_id=mail.business_id)
        try:
            record = await self._records.get(caller, mail.sender_id)
        except NotFound:
            return Refused("sender_deleted")
        if record.HasField("verified_at"):
            return Refused("sender_verified")
        secret = links.secret_of(self._forms, mail.business_id, record)
        url = f"{self._url}{links.PATH}/{secret}"
        return Composed(record.address, _message(record.address, sender, url))

    async def allow(self, transaction: Transaction, mail: Mail) -> str:
        """It may always go."""
        return ""

    async def ended(self, transaction: Transaction, mail: Mail, end: End) -> None:
        """The row of the queue tells enough."""


def _message(address: str, sender: From, url: str) -> bytes:
    message = EmailMessage(policy=_POLICY)
    business = " ".join(sender.business_name.split())
    message["From"] = message["To"] = address
    message["Subject"] = f"Verify {address} for {business}"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=domain_of(address))
    message["Auto-Submitted"] = "auto-generated"
    told = _TEXT.format(business=business, address=address, url=url)
    message.set_content(told)
    return message.as_bytes()
