"""Bytes that are almost right: good ones with a few faults."""

import struct
from collections.abc import Sequence
from random import Random

# What a reader of JSON, of messages or of rows may stumble over.
TOKENS = (
    *(
        b'"',
        b"\\",
        b"\\u",
        b"\\u00",
        b"\\u00g/",
        b"\\u00/1",
        b"\\u00\x1f ",
        b"\\uffff",
        b"{",
        b"}",
        b"[",
        b"]",
    ),
    *(
        b",",
        b":",
        b"null",
        b"tru",
        b"-",
        b"1e999",
        b"[[[[",
        b'{"a":',
        b"|",
        b"'",
        b"\0",
    ),
    *(b"\xff", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0"),
    *(b"\xff" * 9 + b"\x01", b"\x80" * 10, b"\x0a\x00", b"\x0a\xff\xff\xff\xff\x0f"),
)
_MOST_FAULTS = 6


def spoiled(good: bytes, others: Sequence[bytes], dice: Random) -> bytes:
    """Bytes with some faults. `others` are good ones; parts of them come into it."""
    data = bytearray(good)
    for _ in range(dice.randrange(_MOST_FAULTS)):
        at, size = dice.randrange(len(data) + 1), dice.choice((1, 1, 2, 4, 9, 40))
        match dice.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                del data[at:]
            case 2:
                del data[at : at + size]
            case 3:
                data[at:at] = dice.choice(TOKENS) * dice.choice((1, 1, 1, 3, 300))
            case 4:
                data[at : at + size] = dice.choice(TOKENS)
            case 5:
                other = dice.choice(others)
                start = dice.randrange(len(other) + 1)
                data[at : at + size] = other[start : start + dice.randrange(200)]
            case _:
                number = dice.choice(
                    (0, 1, -1, 2**31 - 1, -(2**31), dice.getrandbits(9))
                )
                data[at : at + 4] = struct.pack(">i", number)
    return bytes(data)
