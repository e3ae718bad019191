"""A check that a server listens: the socket's file exists a moment earlier."""

import socket
from contextlib import closing
from pathlib import Path


def listens(path: Path) -> bool:
    """Whether a Unix socket accepts connections."""
    with closing(socket.socket(socket.AF_UNIX)) as asking:
        return asking.connect_ex(str(path)) == 0
