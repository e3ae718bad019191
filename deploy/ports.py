"""Addresses to listen on. Sockets are bound early, so that conflicts are found early.

Binding also replaces port 0 by a real port. The sockets listen later, when their server
is ready.
"""

import errno
import socket
from contextlib import ExitStack

from deploy.errors import PortError


def bind(host: str, port: int, *, shared: bool) -> socket.socket:
    """Binds a TCP socket. If it is shared, our other processes may bind the port too.

    Raises PortError if another program uses the port.
    """
    if shared and port:
        _bind(
            host, port, shared=False
        ).close()  # another program might share the port, too
    return _bind(host, port, shared=shared)


def check_free(*places: tuple[str, int]) -> None:
    """Raises PortError if an address is in use, or if two addresses are equal."""
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
    """Formats host and port as `host:port`, with brackets around an IPv6 address."""
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
