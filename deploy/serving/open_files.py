"""Raises the limit of open files and sockets so that it suffices for the clients.

The soft limit is raised up to the hard limit and never lowered. If that is too little,
fewer clients are accepted, so that sockets remain for everything else.
"""

import resource
from contextlib import suppress

import structlog

from deploy.settings import Settings

# The files that a process opens besides clients and the database: connections and
# listeners of gRPC, logs, modules, the metrics port and its clients.
_BESIDES = 500


def room_for_clients(settings: Settings) -> int:
    """Raises the limit if necessary, and returns the largest number of clients."""
    beside = _BESIDES + settings.max_connections
    allowed = _raise_to(settings.max_clients + beside)
    # If the limit is too low even without clients, they get half of it.
    room = max(allowed - beside, allowed // 2)
    if room >= settings.max_clients:
        return settings.max_clients
    structlog.get_logger().warning(
        "max_clients_lowered",
        max_clients=room,
        wanted=settings.max_clients,
        open_files=allowed,
    )
    return room


def _raise_to(wanted: int) -> int:
    """Returns the new limit, which the kernel may keep lower than `wanted`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
