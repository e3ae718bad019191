"""What the queue asks of each kind of mail: what it says, whether it may go, what came
of it."""

from dataclasses import dataclass
from typing import Protocol

from services.mailing.statements import (
    BOUNCED,
    FAILED,
    REFUSED,
    SENT,
    UNCERTAIN,
    VERIFICATION,
)
from services.postgres.database import Transaction

# The kinds, as the table numbers them.
KIND_VERIFICATION = VERIFICATION
KIND_EMAIL = 2

STATES = {
    SENT: "sent",
    BOUNCED: "bounced",
    UNCERTAIN: "uncertain",
    FAILED: "failed",
    REFUSED: "refused",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the queue. Moments are in the time of the tenant."""

    business_id: str
    id: str
    sender_id: str
    kind: int
    record_id: str
    attempts: int
    begun_at: int | None
    created_at: int


@dataclass(frozen=True, slots=True)
class From:
    """The sender of a mail, as it was read with its secrets."""

    address: str
    name: str
    business_name: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail as it goes: to whom, and the whole message (RFC 5322) in bytes."""

    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The mail may not be sent, for a reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """What came of a mail.

    `state` is one of `STATES`. `code` is the server's, 0 without one, and `answer` its
    text, which may name people: the queue does not keep it. `stage` is how far the talk
    with the server came: `connect`, `mail`, `rcpt` or `data`. `message` are the bytes
    that went, where they are known.
    """

    state: int
    reason: str = ""
    code: int = 0
    answer: str = ""
    stage: str = ""
    message: bytes = b""

    @property
    def name(self) -> str:
        return STATES[self.state]


class NotNowError(Exception):
    """The mail is to be made anew, at once; nothing is wrong with it."""


class MailKind(Protocol):
    """A kind of mail."""

    async def compose(self, mail: Mail, sender: From) -> Composed | Refused:
        """Makes the mail. It is judged here for the first time: it was claimed."""

    async def allow(self, transaction: Transaction, mail: Mail) -> str:
        """Why the mail may not go, "" if it may: asked right before its last byte.

        What it depends on is locked by the transaction, which then says that it goes.
        """

    async def ended(self, transaction: Transaction, mail: Mail, end: End) -> None:
        """Tells what came of it, in the transaction that writes this down."""
