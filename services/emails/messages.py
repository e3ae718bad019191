"""The message of an e-mail, as RFC 5322 has it.

The standard library writes names, subject and parts. The headers that hold ids and
addresses of pages stand before, each on one line: they must not be folded or encoded.
Nothing that a client gave reaches a header as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

# What may stand in these headers: no blank, no bracket, nothing that ends a line.
_PLAIN = re.compile(r"[!-;=?-~]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MOST_NAME = 255
# RFC 5322, section 2.1.1.
_MOST_LINE = 998


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message is made of.

    `message_id` and `references` are ids without brackets; the last of `references` is
    that of the e-mail which this one answers. `unsubscribe` is the address of the page
    that ends the topic, "" for a personal message.
    """

    from_name: str
    from_address: str
    to_address: str
    subject: str
    text: str
    html: str
    date: datetime
    message_id: str
    references: Sequence[str] = field(default=())
    unsubscribe: str = ""


def message_id_of(email_id: str, address: str) -> str:
    """The id of a message: it is the e-mail's, at the host of the sender."""
    return f"{email_id}@{ascii_host(address.rpartition('@')[2])}"


def ascii_host(host: str) -> str:
    """A host as DNS has it; `mail.invalid` for one that DNS cannot have."""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        return "mail.invalid"


def deliverable(address: str) -> str:
    """An address as mail servers take it: quoted if needed, its host as in DNS."""
    return _address("", address).addr_spec


def written(letter: Letter) -> bytes:
    """The message in bytes. Raises ValueError for what no header can hold."""
    comes_from = _address(_name(letter.from_name), letter.from_address)
    goes_to = _address("", letter.to_address)
    is_ascii = comes_from.addr_spec.isascii() and goes_to.addr_spec.isascii()
    policy = SMTP.clone(cte_type="7bit", utf8=not is_ascii)
    message = EmailMessage(policy=policy)
    message["Date"] = letter.date
    message["From"] = comes_from
    message["To"] = goes_to
    message["Subject"] = _CONTROLS.sub(" ", letter.subject)
    message.set_content(_lines(letter.text), charset="utf-8")
    if letter.html:
        message.add_alternative(_lines(letter.html), subtype="html", charset="utf-8")
    head = "".join(f"{name}: {value}\r\n" for name, value in _ids(letter))
    return head.encode("ascii") + message.as_bytes(policy=policy)


def _ids(letter: Letter) -> list[tuple[str, str]]:
    found = [("Message-ID", _bracketed(letter.message_id))]
    if letter.references:
        found.append(("In-Reply-To", _bracketed(letter.references[-1])))
        found.append(("References", " ".join(map(_bracketed, letter.references))))
    if letter.unsubscribe:
        found.append(("List-Unsubscribe", _bracketed(letter.unsubscribe)))
        found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    if any(len(name) + len(value) + 2 > _MOST_LINE for name, value in found):
        raise ValueError("a header is too long")
    return found


def _bracketed(value: str) -> str:
    if _PLAIN.fullmatch(value) is None:
        raise ValueError("a header cannot hold this")
    return f"<{value}>"


def _address(name: str, address: str) -> Address:
    local, _, host = address.rpartition("@")
    return Address(name, local, ascii_host(host))


def _name(name: str) -> str:
    return " ".join(_CONTROLS.sub(" ", name).split())[:_MOST_NAME]


def _lines(text: str) -> str:
    """A text whose lines all end as the standard library expects."""
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else f"{text}\n"
