"""What the measurement needs of a queue."""

from collections.abc import Awaitable, Callable
from typing import Protocol

# The tasks belong to so many lanes: endpoints, mailboxes, runs of workflows.
LANES = 20

# Runs the task of this number.
Handle = Callable[[int], Awaitable[None]]


class Candidate(Protocol):
    """A queue, in a database of its own."""

    name: str

    async def open(self, url: str) -> None:
        """Makes the tables and connects."""

    async def put(self, numbers: list[int]) -> None:
        """Puts tasks in, by one transaction."""

    async def run(self, handle: Handle) -> None:
        """Runs tasks until it is cancelled."""

    async def close(self) -> None:
        """Ends the connections."""
