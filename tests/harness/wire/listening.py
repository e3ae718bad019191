"""Whether somebody listens: the file of a socket is there a moment before."""

import socket
from contextlib import closing
from pathlib import Path


def listens(path: Path) -> bool:
    """Whether a Unix socket takes connections."""
    with closing(socket.socket(socket.AF_UNIX)) as asking:
        return asking.connect_ex(str(path)) == 0
