"""The standard streams of a process: there from its start on, and no reason to end it.

A supervisor may start it with some of them closed. What is opened next would then get
their numbers, and be written to, or closed, as if it was a stream.
"""

import os
import sys

_NAMES = ("stdin", "stdout", "stderr")


def open_missing() -> None:
    """Opens those that are closed onto nothing, here and for programs started later."""
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, which is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - it stays
            setattr(sys, name, stream)


def give_up(number: int) -> None:
    """Points a stream that takes nothing at nothing.

    What waits in its buffer would fail again, at the end of the process.
    """
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)
