"""The process that draws: specifications come in, SVG and PNG go out.

It is started by `edge/charts/drawing.py`, reads from its standard input and writes to
its standard output: the length of a part in four bytes, then the part. It ends with its
input. Nothing that it draws can load anything from anywhere.
"""

import os
import re
import struct
import sys
from typing import Any, BinaryIO

import orjson

LENGTH = struct.Struct(">I")
GOOD, BAD = b"+", b"-"
VERSION = "5.20"
SCALE = 2.0
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_FIRST = {"data": {"values": [{}]}, "mark": "text"}


def main() -> None:
    """Draws until the input ends."""
    import vl_convert  # noqa: PLC0415 - the edge, which knows this module, may lack it

    # What else writes to the standard output must not come between the parts.
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _drawn(vl_convert, {"spec": _FIRST})  # the first chart takes half a second
    _write(target, GOOD)
    while (given := _read(source)) is not None:
        try:
            drawn = GOOD + _drawn(vl_convert, orjson.loads(given))
        except Exception as error:  # told to the edge, which logs it
            drawn = BAD + str(error).encode()[:2_000]
        _write(target, drawn)


def _drawn(library: Any, asked: Any) -> bytes:
    if "svg" in asked:
        png: bytes = library.svg_to_png(asked["svg"], scale=SCALE)
        return png
    try:
        return _svg(library, asked["spec"])
    except ValueError:
        # The library cuts long names between two halves of a character such as an
        # emoji, and then refuses the half. Without these characters it draws.
        return _svg(library, _within_the_basic_plane(asked["spec"]))


def _svg(library: Any, spec: Any) -> bytes:
    svg: str = library.vegalite_to_svg(spec, vl_version=VERSION, allowed_base_urls=[])
    return svg.encode()


def _within_the_basic_plane(spec: Any) -> Any:
    text = orjson.dumps(spec).decode()
    return orjson.loads(_BEYOND.sub("\N{REPLACEMENT CHARACTER}", text))


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    found = source.read(length)
    return found if len(found) == length else None


def _write(target: BinaryIO, data: bytes) -> None:
    target.write(LENGTH.pack(len(data)) + data)
    target.flush()


if __name__ == "__main__":
    main()
