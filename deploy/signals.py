"""How a process is told to end: by SIGTERM or SIGINT."""

import asyncio
import signal
import sys

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Sets the event at the first signal; the second one ends the process at once."""
    loop = asyncio.get_running_loop()

    def begin() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, begin)


def exit_on_sigterm() -> None:
    """Makes SIGTERM unwind the stack, as SIGINT does, while no event loop listens."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
