"""Closes a listening socket without resetting connections.

Closing resets connections that the kernel has accepted and the program has not. So
first no new connection may begin, then the waiting ones are accepted, and only then the
socket is closed.
"""

import asyncio
import ctypes
import select
import socket
import struct
import sys
from contextlib import suppress

_HANDSHAKE_SECONDS = 0.1
_POLL_SECONDS = 0.01

_SO_ATTACH_FILTER = 26  # of Linux; Python has no name for it

# A filter in instructions of the kernel (code, jump if true, if false, operand). It
# drops packets with the flag SYN, which begin a connection, and keeps all others. A
# client whose packet was dropped retries after a second, and finds the port closed or
# another process listening.
_DROP_BEGINNINGS = b"".join(
    struct.pack("=HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the byte 13 of the TCP header, its flags
        (0x45, 0, 1, 0x02),  # is SYN among them?
        (0x06, 0, 0, 0),  # then keep nothing
        (0x06, 0, 0, 0xFFFF_FFFF),  # else all
    )
)


async def let_the_last_in(listener: socket.socket, seconds: float) -> None:
    """Waits until the socket can be closed, at most `seconds`."""
    _let_nobody_begin(listener)
    now = asyncio.get_running_loop().time
    ends = now() + seconds
    await asyncio.sleep(min(seconds, _HANDSHAKE_SECONDS))
    queue = select.poll()
    queue.register(listener, select.POLLIN)
    while queue.poll(0) and now() < ends:  # noqa: ASYNC110 - the loop accepts them
        await asyncio.sleep(_POLL_SECONDS)


def _let_nobody_begin(listener: socket.socket) -> None:
    """Attaches the filter.

    On other systems than Linux, a connection that begins at this moment may be reset.
    """
    if sys.platform != "linux":
        return
    code = ctypes.create_string_buffer(_DROP_BEGINNINGS, len(_DROP_BEGINNINGS))
    program = struct.pack("HP", len(_DROP_BEGINNINGS) // 8, ctypes.addressof(code))
    with suppress(OSError):  # a sandbox may not support filters
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
