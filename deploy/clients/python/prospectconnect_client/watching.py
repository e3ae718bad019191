"""Changes as they happen, over a stream that is opened again where it broke off."""

import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

from typing_extensions import Unpack

from prospectconnect_client.feeds import (
    AsyncCursorStore,
    AsyncFollowedChanges,
    CursorFile,
    CursorStore,
    FollowedChanges,
)
from prospectconnect_client.file_resources import AnyPath
from prospectconnect_client.problems import Problem, Unreachable
from prospectconnect_client.streams import Events, Watched, call_of
from prospectconnect_contract import records
from prospectconnect_contract.operations import AsyncCaller, Call, Caller

_ENDED = "The stream has ended."


class Streamer(Caller, Protocol):
    """A client, as far as a stream needs it."""

    def stream(
        self, call: Call, attempt: int
    ) -> AbstractContextManager[Iterator[bytes]]: ...
    def wait_after(
        self, failure: Problem | Unreachable, call: Call, attempt: int
    ) -> None: ...


class AsyncStreamer(AsyncCaller, Protocol):
    """The same with `await`."""

    def stream(
        self, call: Call, attempt: int
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]: ...
    def wait_after(
        self, failure: Problem | Unreachable, call: Call, attempt: int
    ) -> Awaitable[None]: ...


class WatchedChanges(FollowedChanges):
    """Changes: page by page, with a stored cursor, and as they happen."""

    def __init__(self, client: Streamer) -> None:
        super().__init__(client)
        self._client = client

    def watch(
        self, store: CursorStore | AnyPath | None = None, /, **asked: Unpack[Watched]
    ) -> Iterator[records.Change]:
        """Yields each change as it happens. It never ends.

        ```python
        for change in client.changes.watch(types=["deal.won"]):
            print(change["record"]["id"])
        ```

        A stream that breaks off is opened again after the last change, with the pauses
        of `retries`, so nothing is missing.

        Args:
            store: Where the cursor is kept after each change: the path of a file, or a
                store of your own. Without it, the next program begins with `start`.
            asked: What `read` takes, without `cursor`, `limit` and `wait_seconds`.

        Raises:
            Gone: The cursor is too old, so changes are missing; see `follow`.
            Problem: The API ends the stream, e.g. because the token was revoked.
            Unreachable: No attempt to open the stream again succeeded.
        """
        kept = CursorFile(store) if isinstance(store, str | os.PathLike) else store
        cursor, attempt = kept.load() if kept else None, 1
        while True:
            call, events = call_of(asked, cursor), Events()
            failure: Problem | Unreachable = Unreachable(_ENDED)
            try:
                with self._client.stream(call, attempt) as chunks:
                    for event in (e for chunk in chunks for e in events.after(chunk)):
                        attempt = 1
                        if event.change is not None:
                            yield event.change
                        if event.cursor is not None and event.cursor != cursor:
                            cursor = event.cursor
                            if kept:
                                kept.save(cursor)
            except (Problem, Unreachable) as error:
                failure = error
            self._client.wait_after(failure, call, attempt)
            attempt += 1


class AsyncWatchedChanges(AsyncFollowedChanges):
    """Changes: page by page, with a stored cursor, and as they happen."""

    def __init__(self, client: AsyncStreamer) -> None:
        super().__init__(client)
        self._client = client

    async def watch(
        self,
        store: CursorStore | AsyncCursorStore | AnyPath | None = None,
        /,
        **asked: Unpack[Watched],
    ) -> AsyncIterator[records.Change]:
        """The same as `WatchedChanges.watch`; the store may be asynchronous."""
        kept = CursorFile(store) if isinstance(store, str | os.PathLike) else store
        loaded = kept.load() if kept else None
        cursor = await loaded if inspect.isawaitable(loaded) else loaded
        attempt = 1
        while True:
            call, events = call_of(asked, cursor), Events()
            failure: Problem | Unreachable = Unreachable(_ENDED)
            try:
                async with self._client.stream(call, attempt) as chunks:
                    async for chunk in chunks:
                        for event in events.after(chunk):
                            attempt = 1
                            if event.change is not None:
                                yield event.change
                            if event.cursor is not None and event.cursor != cursor:
                                cursor = event.cursor
                                if kept:
                                    await _saved(kept, cursor)
            except (Problem, Unreachable) as error:
                failure = error
            await self._client.wait_after(failure, call, attempt)
            attempt += 1


async def _saved(store: CursorStore | AsyncCursorStore, cursor: str) -> None:
    saved = store.save(cursor)
    if inspect.isawaitable(saved):
        await saved
