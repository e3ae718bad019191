"""The links that verify senders: sealed, without rows, good for a day.

A link names its sender and its end. Its seal also covers what is verified, so a change
of that ends the link.
"""

from dataclasses import dataclass

from prospectconnect.engagement.v1.senders_pb2 import Sender

from services.clock import DAY, SECOND, real_now
from services.errors import FormInvalid
from services.ids import is_id
from services.sealed.forms import Forms

PATH = "/senders/verify"
GOOD = DAY
_KIND = "sender link"
_MOST_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class Link:
    """A link that can be read. Its seal was not looked at."""

    business_id: str
    sender_id: str
    ends: str
    seal: str


def secret_of(forms: Forms, business_id: str, sender: Sender) -> str:
    """The secret of a new link."""
    ends = f"{(real_now() + GOOD) // SECOND:x}"
    seal = forms.token(*_parts(business_id, sender, ends))
    return f"{business_id}.{sender.id}.{ends}.{seal}"


def read(secret: str) -> Link | None:
    """Reads a link. None if it is none, or has ended."""
    parts = secret.split(".") if len(secret) <= _MOST_CHARACTERS else []
    if len(parts) != 4 or not is_id("snd_", parts[1]) or not is_id("biz_", parts[0]):
        return None
    link = Link(*parts)
    try:
        ends = int(link.ends, 16)
    except ValueError:
        return None
    return link if ends * SECOND > real_now() else None


def is_of(forms: Forms, link: Link, sender: Sender) -> bool:
    """Whether a link verifies a sender as this is now."""
    try:
        forms.check(link.seal, *_parts(link.business_id, sender, link.ends))
    except FormInvalid:
        return False
    return True


def _parts(business_id: str, sender: Sender, ends: str) -> tuple[str, ...]:
    its = sender.address, sender.smtp.host, str(sender.smtp.port)
    return _KIND, business_id, sender.id, ends, *its
