"""The files and sockets that a process may open: enough for its clients.

The soft limit is raised, never lowered, as far as the hard one lets it; where that is
too little, fewer clients are let in, so that none of the other sockets is missing.
"""

import resource
from contextlib import suppress

import structlog

from deploy.settings import Settings

# What a process has open besides clients and the database: gRPC's connections and
# listeners, logs, modules, the metrics' port and whoever reads it.
_BESIDES = 500


def room_for_clients(settings: Settings) -> int:
    """Raises the limit if it must be, and returns how many clients there may be."""
    beside = _BESIDES + settings.max_connections
    allowed = _raise_to(settings.max_clients + beside)
    # Of a limit that does not even hold what else there is, clients get a half.
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
    """Returns what holds then; a kernel's own bounds may keep it lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
