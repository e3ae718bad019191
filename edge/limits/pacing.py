"""Refusals wait a moment before they leave: one alone hardly, many at once longer.

A refusal costs its sender nothing, and whoever asks again at once would have the
program do nothing but refuse. So together they leave at a pace that it can bear,
however many connections they come by; behind a proxy as well, since the connection is
busy meanwhile and nobody else's request waits on it.
"""

import asyncio

PACED = frozenset((401, 429, 503))  # what no budget limits

ALONE_SECONDS = 0.001
EACH_SECONDS = 0.005  # for each other one that waits: 200 leave in a second
MOST_SECONDS = 5.0


class Pacing:
    """The refusals that wait, in one event loop."""

    def __init__(self) -> None:
        self.waiting = 0

    async def hold(self) -> None:
        """Returns when a refusal may leave."""
        seconds = ALONE_SECONDS + self.waiting * EACH_SECONDS
        self.waiting += 1
        try:
            await asyncio.sleep(min(seconds, MOST_SECONDS))
        finally:
            self.waiting -= 1
