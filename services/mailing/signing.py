"""Signs mail by DKIM (RFC 6376): RSA with SHA-256, relaxed in both ways."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from email.utils import parseaddr
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

LEAST_BITS, MOST_BITS = 1_024, 4_096
# What a signature covers, where the mail has it. A header that is named once more than
# it is there cannot be added later.
_SIGNED = (
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding", "reply-to"),
    *("list-unsubscribe", "list-unsubscribe-post"),
)
_OVERSIGNED = ("from", "to", "subject")
_SPACE = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_WIDTH = 70


class KeyRefused(Exception):
    """The text is no private key that signs mail."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a domain, published under a selector."""

    domain: str
    selector: str
    private: RSAPrivateKey = field(repr=False)


def private_key(text: str) -> RSAPrivateKey:
    """Reads a private key from PEM. Raises `KeyRefused`."""
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except Exception as error:
        raise KeyRefused(
            "Give a private RSA key as PEM, without a password."
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyRefused("Give an RSA key.")
    if not LEAST_BITS <= key.key_size <= MOST_BITS:
        raise KeyRefused(f"Give a key of {LEAST_BITS} to {MOST_BITS} bits.")
    return key


def domain_of(address: str) -> str:
    """The domain of an e-mail address, as DNS has it."""
    domain = parseaddr(address)[1].rpartition("@")[2].lower()
    return domain.encode("idna").decode() if not domain.isascii() else domain


def signed(message: bytes, key: Key, seconds: int) -> bytes:
    """The mail with its signature before it. Its lines end with CR LF."""
    head, _, body = message.partition(b"\r\n\r\n")
    headers = _headers(head + b"\r\n")
    names = [name for name, _ in headers]
    covered = [name for name in _SIGNED for _ in range(names.count(name))]
    covered += list(_OVERSIGNED)
    digest = b64encode(sha256(_relaxed_body(body)).digest()).decode()
    value = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={key.domain}; s={key.selector};"
        f" t={seconds}; h={':'.join(covered)}; bh={digest}; b="
    )
    value = _folded(value)
    signature = b"DKIM-Signature: " + value.encode()
    data = b"".join(_chosen(headers, covered))
    data += _relaxed(signature).removesuffix(b"\r\n")
    proof = b64encode(key.private.sign(data, PKCS1v15(), SHA256())).decode()
    lines = [proof[at : at + _WIDTH] for at in range(0, len(proof), _WIDTH)]
    return signature + "\r\n ".join(("", *lines)).encode() + b"\r\n" + message


def _headers(head: bytes) -> list[tuple[str, bytes]]:
    """The headers with their names, in their order."""
    found = re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head)
    return [(each.partition(b":")[0].strip().lower().decode(), each) for each in found]


def _chosen(headers: list[tuple[str, bytes]], names: list[str]) -> list[bytes]:
    """The headers of some names, of each name the last one first."""
    left, found = list(headers), []
    for name in names:
        for index in range(len(left) - 1, -1, -1):
            if left[index][0] == name:
                found.append(_relaxed(left.pop(index)[1]))
                break
    return found


def _relaxed(header: bytes) -> bytes:
    name, _, value = header.partition(b":")
    value = _SPACE.sub(b" ", _FOLD.sub(b"", value)).strip()
    return name.strip().lower() + b":" + value + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    lines = [_SPACE.sub(b" ", each).rstrip(b" ") for each in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(each + b"\r\n" for each in lines)


def _folded(value: str) -> str:
    """A header's value in lines of moderate width."""
    lines, line = [], ""
    for word in value.split(" "):
        if line and len(line) + len(word) > _WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join((*lines, line))
