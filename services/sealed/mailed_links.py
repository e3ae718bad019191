"""Links in mails about a topic, by which people end it: sealed, without a row.

A link holds the tenant, the contact, the topic and the address that the mail goes to.
Nobody without the key reads or forges one. It names its key, so it opens for as long as
the key is kept: for years, as mails lie in mailboxes.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from services.ids import is_id
from services.sealed.secret_keys import SecretKeys

# The path of such a link; the server's public address stands before it.
PATH = "/unsubscribe/"

# An address has at most 254 characters, and most have far fewer.
MOST_CHARACTERS = 1_024
_NAME_BYTES, _ID_BYTES, _KEY_BYTES = 4, 12, 64
_PREFIXES = ("biz_", "con_", "top_")
_IDS_BYTES = len(_PREFIXES) * _ID_BYTES
_PURPOSE = b"end a topic"


@dataclass(frozen=True, slots=True)
class MailedLink:
    """What a link is about. `address` is the one that the mail goes to."""

    business_id: str
    contact_id: str
    topic_id: str
    address: str


class MailedLinks:
    """Seals and opens links with secret keys."""

    def __init__(self, keys: SecretKeys) -> None:
        """Uses the keys named `LINKS`."""
        self._keys = keys

    def path(self, link: MailedLink) -> str:
        """The path of a link's page; the same one for equal links and keys."""
        return PATH + self.seal(link)

    def seal(self, link: MailedLink) -> str:
        """The text of a link: letters, digits, `-` and `_`.

        Raises:
            ValueError: An id has not the form of one.
        """
        key, ids = (
            self._keys.sealing,
            (link.business_id, link.contact_id, link.topic_id),
        )
        plain = b"".join(map(_packed, _PREFIXES, ids)) + link.address.encode()
        sealed = AESSIV(_cipher_key(key)).encrypt(plain, [_PURPOSE])
        return _written(_name(key) + sealed)

    def open(self, text: str) -> MailedLink | None:
        """Reads a link. None if no key that this process knows has sealed it."""
        name, sealed = _read(text)
        for key in self._keys.opening:
            if _name(key) == name and (plain := _opened(key, sealed)) is not None:
                return _link(plain)
        return None


def _opened(key: bytes, sealed: bytes) -> bytes | None:
    try:
        return AESSIV(_cipher_key(key)).decrypt(sealed, [_PURPOSE])
    except (InvalidTag, ValueError):  # the latter for what is too short
        return None


def _link(plain: bytes) -> MailedLink:
    parts = [plain[at : at + _ID_BYTES] for at in range(0, _IDS_BYTES, _ID_BYTES)]
    ids = [prefix + part.hex() for prefix, part in zip(_PREFIXES, parts, strict=True)]
    business_id, contact_id, topic_id = ids
    return MailedLink(business_id, contact_id, topic_id, plain[_IDS_BYTES:].decode())


def _packed(prefix: str, text: str) -> bytes:
    if not is_id(prefix, text):
        raise ValueError(f"{text!a} is no id that begins with {prefix}")
    return bytes.fromhex(text.removeprefix(prefix))


def _name(key: bytes) -> bytes:
    return blake2b(key, digest_size=_NAME_BYTES, person=b"link name").digest()


def _cipher_key(key: bytes) -> bytes:
    return blake2b(key, digest_size=_KEY_BYTES, person=b"link").digest()


def _written(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _read(text: str) -> tuple[bytes, bytes]:
    """The name of the key, and what it sealed; both empty if no text is written so."""
    if len(text) > MOST_CHARACTERS or not text.isascii():
        return b"", b""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b"", b""
    if _written(data) != text:  # decoding ignores invalid characters
        return b"", b""
    return data[:_NAME_BYTES], data[_NAME_BYTES:]
