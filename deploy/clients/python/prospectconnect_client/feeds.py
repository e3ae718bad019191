"""Follows the feed of changes with a cursor that is stored, so that no change is lost.

The cursor after a page is stored when the program asks for what comes after the page:
then it has used all of it. If it stops earlier, it gets the page again.
"""

import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from typing_extensions import Unpack

from prospectconnect_client.file_resources import AnyPath
from prospectconnect_contract import records
from prospectconnect_contract.operations import AsyncChanges, Changes


class CursorStore(Protocol):
    """Where a cursor is kept."""

    def load(self) -> str | None:
        """The stored cursor; None if there is none yet."""
        ...

    def save(self, cursor: str) -> object:
        """Stores a cursor in the place of the one before."""
        ...


class AsyncCursorStore(Protocol):
    """Where a cursor is kept; its methods are awaited."""

    def load(self) -> Awaitable[str | None]:
        """The stored cursor; None if there is none yet."""
        ...

    def save(self, cursor: str) -> Awaitable[object]:
        """Stores a cursor in the place of the one before."""
        ...


class CursorFile:
    """Keeps a cursor in a file, which is replaced as a whole."""

    def __init__(self, path: AnyPath) -> None:
        """Takes the path of the file; its folder exists."""
        self._path = Path(path)

    def load(self) -> str | None:
        """The stored cursor; None if there is no file, or an empty one."""
        with suppress(FileNotFoundError):
            return self._path.read_text(encoding="utf-8").strip() or None
        return None

    def save(self, cursor: str) -> None:
        """Writes the cursor to the disk."""
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(cursor + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


class FollowedChanges(Changes):
    """Changes, and what follows them with a stored cursor."""

    def follow(
        self,
        store: CursorStore | AnyPath,
        /,
        *,
        once: bool = False,
        **body: Unpack[records.ReadChangesBody],
    ) -> Iterator[records.Change]:
        """Yields each change after the stored cursor, and then those that come.

        ```python
        for change in client.changes.follow("contacts.cursor", resources=["contacts"]):
            print(change["type"], change["record"]["id"])
        ```

        Each change comes at least once: after a crash the last page comes again, with
        the same ids.

        Args:
            store: The path of a file for the cursor, or a store of your own.
            once: Whether to end when all that has happened is told.
            body: What `read` takes. `start` counts if no cursor is stored yet.

        Raises:
            Gone: The stored cursor is too old, so changes are missing. Read all records
                anew, and begin with an empty store.
        """
        kept = CursorFile(store) if isinstance(store, str | os.PathLike) else store
        cursor = kept.load()
        feed = self.read(**_after(cursor, body))
        for page in feed.pages() if once else feed.follow():
            yield from page["data"]
            if (after := page["meta"]["cursor"]["next"]) is not None:
                if after != cursor:
                    kept.save(after)
                cursor = after


class AsyncFollowedChanges(AsyncChanges):
    """Changes, and what follows them with a stored cursor."""

    async def follow(
        self,
        store: CursorStore | AsyncCursorStore | AnyPath,
        /,
        *,
        once: bool = False,
        **body: Unpack[records.ReadChangesBody],
    ) -> AsyncIterator[records.Change]:
        """The same as `FollowedChanges.follow`; the store may be asynchronous."""
        kept = CursorFile(store) if isinstance(store, str | os.PathLike) else store
        loaded = kept.load()
        cursor = await loaded if inspect.isawaitable(loaded) else loaded
        feed = self.read(**_after(cursor, body))
        async for page in feed.pages() if once else feed.follow():
            for change in page["data"]:
                yield change
            if (after := page["meta"]["cursor"]["next"]) is not None:
                if after != cursor:
                    saved = kept.save(after)
                    if inspect.isawaitable(saved):
                        await saved
                cursor = after


def _after(
    cursor: str | None, body: records.ReadChangesBody
) -> records.ReadChangesBody:
    """The body for what comes after a cursor."""
    asked = body.copy()
    if cursor is not None:
        asked["cursor"] = cursor
    return asked
