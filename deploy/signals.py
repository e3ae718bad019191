"""Ends a process on SIGTERM, SIGINT, SIGHUP or SIGQUIT.

A terminal that closes may send SIGHUP several times, so further ones do nothing. If the
process was started with SIGHUP or SIGQUIT ignored, as by `nohup`, they stay ignored.
"""

import asyncio
import signal
import sys
from collections.abc import Iterator

_ALWAYS = (signal.SIGTERM, signal.SIGINT)
_UNLESS_IGNORED = (signal.SIGHUP, signal.SIGQUIT)

# The signals of a start. Python ignores an exception that a signal raises in a
# finalizer, so a server may have started although it was asked to end.
_seen: set[int] = set()

# So long a process that ends at once may take. It cancels all that runs, and gRPC's
# server, cancelled while it stops, may wait for ever.
_LAST_SECONDS = 3

# Programs that rotate logs send this signal. By default it would end the process.
_MEANINGLESS = (signal.SIGUSR1, signal.SIGUSR2)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Sets the event at the first signal. The second one ends the process at once.

    A signal that came before, and ended nothing, counts as the first.
    """
    loop = asyncio.get_running_loop()
    listened = tuple(_listened())

    def begin() -> None:
        for number in listened:
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGINT, _abort)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        stop.set()

    for number in listened:
        loop.add_signal_handler(number, begin)
    if _seen:
        begin()


def exit_on_signals() -> None:
    """Makes the signals raise an exception while no event loop runs."""
    for number in _MEANINGLESS:
        signal.signal(number, signal.SIG_IGN)
    for number in _listened():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def _listened() -> Iterator[signal.Signals]:
    yield from _ALWAYS
    for number in _UNLESS_IGNORED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            yield number


def _abort(number: int, _: object) -> None:
    signal.signal(signal.SIGALRM, _leave)
    signal.alarm(_LAST_SECONDS)
    raise KeyboardInterrupt


def _leave(number: int, _: object) -> None:
    _seen.add(number)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
