"""Planted faults of e-mails; see `faulty_program`."""

from typing import Any
from unittest.mock import patch

from services.emails.sending import EmailMail


def mail_judged_once() -> None:
    """Judges no e-mail again that was judged when it was created."""
    judged = EmailMail._judged

    async def again(self: EmailMail, *its: Any) -> Any:
        address, _ = await judged(self, *its)
        return address or "nobody@x.example", None

    patch.object(EmailMail, "_judged", again).start()
