"""How a process is told to end: by SIGTERM or SIGINT, SIGHUP or SIGQUIT.

A terminal that closes may send SIGHUP more than once, so another one changes nothing.
Whoever started the process with SIGHUP or SIGQUIT ignored, as `nohup` does, meant it.
"""

import asyncio
import signal
import sys
from collections.abc import Iterator

_ALWAYS = (signal.SIGTERM, signal.SIGINT)
_UNLESS_IGNORED = (signal.SIGHUP, signal.SIGQUIT)

# What a rotation of logs sends, and what would end a process that does not know it.
_MEANINGLESS = (signal.SIGUSR1, signal.SIGUSR2)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Sets the event at the first signal; the second one ends the process at once."""
    loop = asyncio.get_running_loop()
    listened = tuple(_listened())

    def begin() -> None:
        for number in listened:
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        stop.set()

    for number in listened:
        loop.add_signal_handler(number, begin)


def exit_on_signals() -> None:
    """Makes them unwind the stack, as SIGINT does, while no event loop listens."""
    for number in _MEANINGLESS:
        signal.signal(number, signal.SIG_IGN)
    for number in _listened():
        if number != signal.SIGINT:
            signal.signal(number, _leave)


def _listened() -> Iterator[signal.Signals]:
    yield from _ALWAYS
    for number in _UNLESS_IGNORED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            yield number


def _leave(number: int, _: object) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sys.exit(128 + number)
