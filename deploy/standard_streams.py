"""Keeps the standard streams of a process open and harmless.

A supervisor may start the program with some of them closed. Then the next file that is
opened would get the number of a stream, and would be used as that stream.
"""

import os
import sys

_NAMES = ("stdin", "stdout", "stderr")


def open_missing() -> None:
    """Opens closed streams on the null device, also for programs started later."""
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            # `open` uses the lowest free number, which is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - it stays
            setattr(sys, name, stream)


def give_up(number: int) -> None:
    """Points a stream that cannot be written to the null device.

    Otherwise its buffer would fail once more at the end of the process.
    """
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)
