"""The site in an edge: made at its first request, in a thread beside the event loop.

Making it takes longer than an API call may wait, and most processes never serve it. The
pages of operations, by far the most, are made one by one when they are first read.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from edge.documentation.page import GRPC_HERE, HERE
from edge.portal.site import Site, Text
from edge.web.stored import Stored, store

# Enough for the pages that are read, under the server's few addresses. Addresses that a
# client makes up cannot make it grow further.
_MOST_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class Opened:
    """The site, and its pages as bytes; those that were read last are kept.

    Samples call gRPC at `public_grpc`, or else at `grpc_port` of the server's host.
    """

    site: Site
    public_grpc: str | None
    grpc_port: int
    _kept: OrderedDict[tuple[str, str], Stored] = field(default_factory=OrderedDict)
    _size: int = 0

    async def print(self, path: str, base: str) -> Stored | None:
        """The page at a path for the server's address; None if there is none."""
        if (found := self._kept.get((path, base))) is not None:
            self._kept.move_to_end((path, base))
            return found
        if (text := self.site.texts.get(path)) is None:
            return None
        grpc = self.public_grpc or f"{_host(base)}:{self.grpc_port}"
        if text.takes_time:
            stored = await asyncio.to_thread(_print, text, base, grpc)
        else:
            stored = _print(text, base, grpc)
        self._keep((path, base), stored)
        return stored

    def _keep(self, key: tuple[str, str], stored: Stored) -> None:
        before = self._kept.pop(key, None)
        self._kept[key] = stored
        self._size += _size_of(stored) - (_size_of(before) if before else 0)
        while self._size > _MOST_BYTES:
            self._size -= _size_of(self._kept.popitem(last=False)[1])


@dataclass(slots=True)
class Portal:
    """The site, which `make` makes at the first request."""

    make: Callable[[], Site]
    public_grpc: str | None = None
    grpc_port: int = 50_051
    _opening: asyncio.Task[Opened] | None = None

    async def open(self) -> Opened:
        """Returns the site. Requests that come while it is being made wait for it."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        # A cancelled request does not cancel the work for the others.
        return await asyncio.shield(self._opening)

    async def _open(self) -> Opened:
        site = await asyncio.to_thread(self.make)
        return Opened(site, self.public_grpc, self.grpc_port)


def _print(text: Text, base: str, grpc: str) -> Stored:
    told = text.text.replace(HERE, base).replace(GRPC_HERE, grpc)
    return store(told.encode(), text.media_type)


def _host(base: str) -> str:
    """The host of an address, as a URL has it: IPv6 in brackets."""
    place = urlsplit(base).netloc
    return place if place.endswith("]") else re.sub(r":[0-9]*$", "", place)


def _size_of(stored: Stored) -> int:
    return len(stored.content) + len(stored.gzipped)
