"""Planted faults of bookings; see `faulty_program`."""

from unittest.mock import patch

from services.meetings import holds, hosts, hours_of_hosts


def hosts_unlocked() -> None:
    """Lets others book a host's time while it is looked at."""

    async def nothing(*_: object) -> None:
        return None

    for name in ("lock", "unlock"):
        patch.object(hosts, name, nothing).start()


def days_uncounted() -> None:
    """Lets every day have room for one more meeting."""

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    patch.object(hours_of_hosts, "_full", nothing).start()


def holds_ignored() -> None:
    """Lets nobody book by a hold."""

    async def nothing(*_: object, **__: object) -> None:
        return None

    patch.object(holds, "living", nothing).start()
