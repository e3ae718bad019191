"""Content that is ready to be sent: its bytes, plain and compressed, and its tag."""

import gzip
from dataclasses import dataclass
from hashlib import sha256

# Below this size, gzip saves no packet.
_WORTH_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer. `gzipped` is empty if compression does not make it smaller."""

    media_type: str
    content: bytes
    gzipped: bytes
    tag: str


def store(content: bytes, media_type: str) -> Stored:
    """Prepares an answer."""
    packed = gzip.compress(content, mtime=0) if len(content) > _WORTH_BYTES else b""
    return Stored(media_type, content, packed, sha256(content).hexdigest()[:32])
