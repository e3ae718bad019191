"""Answers compressed by gzip, for clients whose `Accept-Encoding` accepts it.

The length of a compressed answer reveals how much in it repeats (BREACH). So no answer
with a credential or a form token may be compressed here.
"""

import asyncio
import re
import sys
import zlib
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType

from sanic import HTTPResponse

# Every answer that could be compressed has this header, even if it is not.
VARY = MappingProxyType({"Vary": "Accept-Encoding"})

# Smaller answers are not compressed, unless the client refuses plain ones.
WORTH_BYTES = 8 * 1024

# A strong tag identifies bytes, so the compressed form of a record needs another tag
# (RFC 9110, section 8.8.3). Preconditions accept both for the same version.
SUFFIX = "-gzip"

# Level 3 would save another tenth of the bytes, in 20 to 50 percent more time.
_LEVEL = 1
_GZIP_FORMAT = 16 + zlib.MAX_WBITS

# The bytes that are compressed at once; that takes half a millisecond.
_PIECE_BYTES = 64 * 1024

_NEVER = sys.maxsize
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110, section 8.4.1.3
_CODING = re.compile(
    r"\s*([a-z0-9*!#$%&'+.^_`|~-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?)\s*)?",
    re.ASCII,
)


def is_wanted(accepted: Iterable[str], answer: HTTPResponse) -> bool:
    """Whether to compress an answer; `accepted` are the `Accept-Encoding` headers."""
    return len(answer.body or b"") >= least_size(",".join(accepted))


@lru_cache(maxsize=64)
def least_size(accepted: str) -> int:
    """The smallest size at which a client's answers are compressed (RFC 9110, 12.5.3).

    A client that accepts neither gzip nor plain bytes gets plain ones: the request may
    have changed records already, and a 406 would hide that.
    """
    weights = _weights(accepted)
    gzip = weights.get("gzip", weights.get("*", 0.0))
    plain = weights.get("identity", weights.get("*"))
    if not gzip or (plain is not None and plain > gzip):
        return _NEVER
    return 1 if plain == 0 else WORTH_BYTES


def _weights(accepted: str) -> dict[str, float]:
    """The weight of each coding; malformed parts are ignored."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        if found := _CODING.fullmatch(part):
            name, weight = found.groups()
            weights[_ALIASES.get(name, name)] = float(weight or 1)
    return weights


async def compress(answer: HTTPResponse) -> None:
    """Compresses an answer in pieces, so that other requests can run in between."""
    body = answer.body or b""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    parts = [packer.compress(body[:_PIECE_BYTES])]
    for start in range(_PIECE_BYTES, len(body), _PIECE_BYTES):
        await asyncio.sleep(0)
        parts.append(packer.compress(body[start : start + _PIECE_BYTES]))
    parts.append(packer.flush())
    answer.body = b"".join(parts)
    answer.headers["Content-Encoding"] = "gzip"
    if tag := answer.headers.get("ETag"):
        answer.headers["ETag"] = f'{tag[:-1]}{SUFFIX}"'
