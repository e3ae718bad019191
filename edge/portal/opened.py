"""The site in an edge: made at its first request, in a thread beside the event loop.

Making it takes longer than an API call may wait, and most processes never serve it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from edge.documentation.page import HERE
from edge.portal.site import Site
from edge.web.stored import Stored, store

# Enough for each page under the server's few addresses; made-up addresses cannot make
# the cache grow further.
_MOST_PRINTED = 256


@dataclass(frozen=True, slots=True)
class Opened:
    """The site, and its pages as bytes.

    `printed` takes a path and the server's address, and returns None if there is no
    such page.
    """

    site: Site
    printed: Callable[[str, str], Stored | None]


@dataclass(slots=True)
class Portal:
    """The site, which `make` makes at the first request."""

    make: Callable[[], Site]
    _opening: asyncio.Task[Opened] | None = None

    async def open(self) -> Opened:
        """Returns the site. Requests that come while it is being made wait for it."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        # A cancelled request does not cancel the work for the others.
        return await asyncio.shield(self._opening)

    async def _open(self) -> Opened:
        site = await asyncio.to_thread(self.make)
        return Opened(site, _printer(site))


def _printer(site: Site) -> Callable[[str, str], Stored | None]:
    @lru_cache(maxsize=_MOST_PRINTED)
    def print_(path: str, base: str) -> Stored:
        text = site.texts[path]
        return store(text.text.replace(HERE, base).encode(), text.media_type)

    return lambda path, base: print_(path, base) if path in site.texts else None
