"""A HAProxy with TLS in front of a receiver on a Unix socket."""

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.harness.programs.system import program_path
from tests.harness.wire.certificates import Signed

# A receiver's head is waited for during some seconds; then the proxy answers 504. Each
# request has a connection of its own: where a used one ends, the proxy answers nothing.
_CONFIGURATION = """
defaults
  mode http
  timeout connect 20s
  timeout client 20s
  timeout server 6s
  http-reuse never
frontend front
{binds}
  http-request reject if {{ path /rejected }}
  default_backend receiver
backend receiver
  server receiver unix@{receiver}
"""


@contextmanager
def https(
    folder: Path, receiver: Path, certificates: Mapping[str, Signed]
) -> Iterator[dict[str, int]]:
    """Runs the proxy; yields a port for each certificate."""
    program = program_path("haproxy")
    assert program is not None
    with ExitStack() as stack:
        ports, binds = dict[str, int](), list[str]()
        sockets = list[int]()
        for name, signed in certificates.items():
            both = folder / f"{name}.both"
            both.write_bytes(signed.certificate.read_bytes() + signed.key.read_bytes())
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            ports[name] = listening.getsockname()[1]
            binds.append(f"  bind fd@{listening.fileno()} ssl crt {both}")
            sockets.append(listening.fileno())
        file = folder / "haproxy.cfg"
        text = _CONFIGURATION.format(binds="\n".join(binds), receiver=receiver)
        file.write_text(text)
        process = subprocess.Popen(
            [program, "-db", "-q", "-f", str(file)], pass_fds=sockets
        )
        try:
            yield ports
        finally:
            process.terminate()
            process.wait(timeout=60)
