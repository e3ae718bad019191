"""Ports that a test keeps while nobody listens there, as between an end and a start."""

import random
import socket
from contextlib import suppress

# The system gives ports from above these to clients, and where none is asked for.
_FIRST, _LAST = 15_000, 32_000
# Tests draw with known seeds, and several processes of them run at once.
_DRAWS = random.SystemRandom()
_GIVEN = set[int]()


def kept_port() -> int:
    """A port of this machine that no other program is given by chance."""
    while True:
        port = _DRAWS.randrange(_FIRST, _LAST)
        if port not in _GIVEN:
            with suppress(OSError), socket.create_server(("127.0.0.1", port)):
                _GIVEN.add(port)
                return port
