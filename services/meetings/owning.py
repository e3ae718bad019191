"""Who may change meeting types of others, and let others book them."""

from typing import Any

from services.caller import Caller
from services.errors import RoleDenied

OF_HOURS = "schedule"  # the resource whose permissions hours are read by


def check_hosts(caller: Caller, *meetings: Any) -> None:
    """Refuses callers who see their own hours alone where others are hosts.

    They would otherwise learn when these are free, and change what invitees are told.
    """
    if OF_HOURS in caller.own_only:
        told = [each for each in meetings if each is not None]
        hosts = {host.user_id for each in told for host in each.hosts}
        if not hosts <= {caller.user_id, ""}:
            message = "Users other than you hold these meetings."
            raise RoleDenied(message, "meeting_type.write")
