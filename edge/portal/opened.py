"""The site as the edge has it: made when somebody first asks for it, beside the loop.

Making it takes longer than an API call may wait, and most processes are never asked.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from edge.documentation.page import HERE
from edge.portal.site import Site
from edge.web.stored import Stored, store

# Each page once; and again for each name that the server is called by, but not for
# each that somebody makes up.
_MOST_PRINTED = 256


@dataclass(frozen=True, slots=True)
class Opened:
    """The site, and what prints of it: a page as bytes, by its path and the server's
    address. None: there is no such page.
    """

    site: Site
    printed: Callable[[str, str], Stored | None]


@dataclass(slots=True)
class Portal:
    """The site, once it was asked for; `make` makes it."""

    make: Callable[[], Site]
    _opening: asyncio.Task[Opened] | None = None

    async def open(self) -> Opened:
        """The site. All who ask while it is being made wait for the same one."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        # Whoever does not wait to the end does not end it for the others.
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
