"""Answers compressed by gzip, for clients whose `Accept-Encoding` takes it.

A compressed answer tells by its length how much of it repeats (BREACH). So no answer
that holds a credential, or a token of a form, may come here.
"""

import asyncio
import re
import sys
import zlib
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType

from sanic import HTTPResponse

# Every answer that could be compressed has this, whether it is or not.
VARY = MappingProxyType({"Vary": "Accept-Encoding"})

# Smaller answers are sent as they are, unless the client refuses that.
WORTH_BYTES = 8 * 1024

# A strong tag names bytes, so the same record compressed needs another one (RFC 9110,
# section 8.8.3). Preconditions take both for the same version.
SUFFIX = "-gzip"

# Level 3 saves another tenth of the bytes and takes a fifth to a half more time.
_LEVEL = 1
_GZIP_FORMAT = 16 + zlib.MAX_WBITS

# So much is compressed at once, which takes half a millisecond.
_PIECE_BYTES = 64 * 1024

_NEVER = sys.maxsize
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110, section 8.4.1.3
_CODING = re.compile(
    r"\s*([a-z0-9*!#$%&'+.^_`|~-]+)\s*(?:;\s*q\s*=\s*(0(?:\.\d*)?|1(?:\.0*)?)\s*)?",
    re.ASCII,
)


def is_wanted(accepted: Iterable[str], answer: HTTPResponse) -> bool:
    """Whether to compress an answer, by the values of all `Accept-Encoding` headers."""
    return len(answer.body or b"") >= least_size(",".join(accepted))


@lru_cache(maxsize=64)
def least_size(accepted: str) -> int:
    """From which size on a client's answers are compressed (RFC 9110, 12.5.3).

    A client that takes neither gzip nor plain bytes gets plain ones: the request may
    have written something already, which a 406 would hide.
    """
    weights = _weights(accepted)
    gzip = weights.get("gzip", weights.get("*", 0.0))
    plain = weights.get("identity", weights.get("*"))
    if not gzip or (plain is not None and plain > gzip):
        return _NEVER
    return 1 if plain == 0 else WORTH_BYTES


def _weights(accepted: str) -> dict[str, float]:
    """The weight of each coding; what is malformed counts as not said."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        if found := _CODING.fullmatch(part):
            name, weight = found.groups()
            weights[_ALIASES.get(name, name)] = float(weight or 1)
    return weights


async def compress(answer: HTTPResponse) -> None:
    """Compresses an answer, piece by piece, so that others get their turns between."""
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
