"""Planted faults of e-mails; see `faulty_program`."""

from typing import Any
from unittest.mock import patch

from services.emails.judging import EmailReason
from services.emails.sending import EmailMail

_GONE = EmailReason.EMAIL_REASON_CONTACT_DELETED


def mail_judged_once() -> None:
    """Judges no e-mail again that was judged when it was created."""
    judged = EmailMail._judged

    async def again(self: EmailMail, *its: Any) -> Any:
        address, reason = await judged(self, *its)
        # Of a contact that is gone, there is no text to send.
        kept = reason if reason == _GONE else None
        return address or "nobody@x.example", kept

    patch.object(EmailMail, "_judged", again).start()
