"""What is said to people: on standard error, without control characters of others."""

import os
import re
import sys
from typing import TextIO

from pcrm.exits import CommandFailed

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """A text whose control characters cannot move or colour a terminal."""
    return _CONTROL.sub("\ufffd", text)


def say(text: str, style: str = "") -> None:
    """Writes a line for people. `style` is an ANSI style, such as `31` for red."""
    told = plain(text)
    print(coloured(told, style, sys.stderr), file=sys.stderr, flush=True)


def coloured(text: str, style: str, stream: TextIO) -> str:
    """A text with a style, if the stream is a terminal that shows colours."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if style and wanted and stream.isatty():
        return f"\x1b[{style}m{text}\x1b[0m"
    return text


def say_failure(failure: CommandFailed) -> None:
    """Says what went wrong, and what to try next."""
    say(f"Error: {failure.message}", "31")
    for line in failure.lines:
        say(f"  {line}")
    if failure.hint:
        say(f"Try: {failure.hint}", "2")
