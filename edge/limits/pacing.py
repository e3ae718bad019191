"""Refusals are delayed: a single one hardly, many at the same time longer.

A client that repeats refused requests at once could keep the edge busy with refusals
only. So all refusals together leave at a limited rate, over however many connections.
That works behind a proxy as well: a connection whose refusal waits takes no other
request.
"""

import asyncio

PACED = frozenset((401, 429, 503))  # the refusals that no budget limits

ALONE_SECONDS = 0.001
EACH_SECONDS = 0.005  # for each other one that waits: 200 in a second
MOST_SECONDS = 5.0


class Pacing:
    """The waiting refusals of one event loop."""

    def __init__(self) -> None:
        self.waiting = 0

    async def hold(self) -> None:
        """Waits until a refusal may leave."""
        seconds = ALONE_SECONDS + self.waiting * EACH_SECONDS
        self.waiting += 1
        try:
            await asyncio.sleep(min(seconds, MOST_SECONDS))
        finally:
            self.waiting -= 1
