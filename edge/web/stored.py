"""What is kept ready to be sent: bytes, the same compressed, and a tag for them."""

import gzip
from dataclasses import dataclass
from hashlib import sha256

# Below this a gzip saves no packet.
_WORTH_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer. `gzipped` is empty where compressing does not pay."""

    media_type: str
    content: bytes
    gzipped: bytes
    tag: str


def store(content: bytes, media_type: str) -> Stored:
    """Makes an answer ready."""
    packed = gzip.compress(content, mtime=0) if len(content) > _WORTH_BYTES else b""
    return Stored(media_type, content, packed, sha256(content).hexdigest()[:32])
