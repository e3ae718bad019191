"""What is said to people: on standard error, without control characters of others."""

import os
import re
import sys

from pcrm.exits import CommandFailed

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """A text whose control characters cannot move or colour a terminal."""
    return _CONTROL.sub("\ufffd", text)


def say(text: str, style: str = "") -> None:
    """Writes a line for people. `style` is an ANSI style, such as `31` for red."""
    told = plain(text)
    if style and is_coloured():
        told = f"\x1b[{style}m{told}\x1b[0m"
    print(told, file=sys.stderr, flush=True)


def is_coloured() -> bool:
    """Whether standard error is a terminal that shows colours."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and sys.stderr.isatty()


def say_failure(failure: CommandFailed) -> None:
    """Says what went wrong, and what to try next."""
    say(f"Error: {failure.message}", "31")
    for line in failure.lines:
        say(f"  {line}")
    if failure.hint:
        say(f"Try: {failure.hint}", "2")
