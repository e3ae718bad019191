"""Slots as a request finds them."""

from collections.abc import Sequence

from services.scheduling.slots import Host, Meeting, Slot, grids, slots


def found(
    meeting: Meeting, hosts: Sequence[Host], start: int, end: int, most: int = 10**6
) -> list[Slot]:
    """The first slots between two moments."""
    return slots(meeting, list(grids(meeting, hosts, start, end)), start, end, most)
