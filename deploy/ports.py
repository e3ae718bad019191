"""Addresses to listen on: bound once, so that port 0 is resolved and a clash is seen.

Sockets are bound here and listen later, when whoever serves on them is ready.
"""

import errno
import socket
from contextlib import ExitStack

from deploy.errors import PortError


def bind(host: str, port: int, *, shared: bool) -> socket.socket:
    """Binds a TCP socket; a shared one lets other processes bind the port as well.

    Raises PortError when the port is taken by anybody who does not share it with us.
    """
    if shared and port:
        _bind(host, port, shared=False).close()  # strangers may share a port, too
    return _bind(host, port, shared=shared)


def check_free(*places: tuple[str, int]) -> None:
    """Raises PortError when one of the places is taken, or two of them are one."""
    with ExitStack() as held:
        for host, port in places:
            held.enter_context(bind(host, port, shared=False))


def join(host: str, port: int) -> socket.socket:
    """Binds a port that another process has bound as shared."""
    return _bind(host, port, shared=True)


def port_of(listener: socket.socket) -> int:
    """Returns the port that a socket is bound to."""
    return int(listener.getsockname()[1])


def address(host: str, port: int) -> str:
    """Writes host and port as one, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _bind(host: str, port: int, *, shared: bool) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise PortError(f"There is no address {host}: {error.strerror}.") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(place)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            text = f"Port {port} is in use. Choose another, or 0 for any."
            raise PortError(text) from None
        raise PortError(f"Cannot use port {port}: {error.strerror}.") from None
    return listener
