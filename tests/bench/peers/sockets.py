"""The socket of a peer. Several processes may serve on one port."""

import socket


def bound(port: int) -> socket.socket:
    """A socket on a local port, 0 for any; other processes may bind it as well."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def ready(listener: socket.socket) -> None:
    """Reports that a peer is ready, in the format of the product."""
    print(f"ready http=http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
