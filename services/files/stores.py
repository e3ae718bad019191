"""A store of files: a folder, or a bucket of any S3-compatible store.

What a file is, the database says; the store only keeps bytes under names. All processes
of an installation need the same store.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from services.errors import ServiceError, Unavailable

# How much of a file is held at a time, when it is read.
PIECE_BYTES = 1024 * 1024
# Larger files go to a bucket in parts of so many bytes, so many at a time. S3 takes
# parts of 5 MiB or more, and 10,000 of them.
_PART_BYTES = 8 * 1024 * 1024
_PARTS_AT_ONCE = 2
# A request to a bucket may take so long, and all tries of it three times as long.
_PATIENCE = timedelta(seconds=20)
_S3 = "s3://"
_NAME = re.compile(r"biz_[0-9A-Za-z]+(/[0-9A-Za-z_-][0-9A-Za-z_.-]*)+")
_PREFIX = re.compile(r"biz_[0-9A-Za-z]+/([0-9A-Za-z_.-]+/)*")
_PROBE = "biz_0/doctor/probe"

_log = structlog.get_logger("services")


class FileMissing(ServiceError):
    """There is no file of this name. A bug, or somebody emptied the store."""

    text = "The file is not in the store."


class StoreUnavailable(Unavailable):
    """The store of files cannot be reached, or does not do what it is asked."""

    text = "The store of files does not answer now."


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many bytes, and their SHA-256 in hexadecimal digits."""

    bytes: int
    sha256: str


class Files:
    """The files of all tenants. Safe for use by many tasks of one event loop.

    `place` is a folder or `s3://bucket/prefix`. A bucket's keys, region and endpoint
    come from the variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`
    and `AWS_ENDPOINT_URL`. Nothing is opened before it is needed. Every method raises
    `StoreUnavailable` if the store cannot be reached or does not do what it is asked.
    """

    def __init__(self, place: str, patience: float | None = None) -> None:
        self.place, self._patience = place, patience
        self._opened: LocalStore | S3Store | None = None

    def within(self, seconds: float) -> "Files":
        """The same store for somebody who waits less.

        Each request to read or delete gives up after so many seconds, with its tries.
        """
        return Files(self.place, seconds)

    async def write(self, name: str, content: AsyncIterable[bytes]) -> Written:
        """Writes a file, or replaces it. If `content` raises, nothing is visible.

        Names are `biz_.../folder/name`: letters, digits, `_`, `-` and `.`.
        """
        _check(_NAME, name)
        counted = _Counted(content)
        with _told(counted):
            await obstore.put_async(
                self._store(),
                name,
                counted.pieces(),
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )
        return Written(counted.bytes, counted.hash.hexdigest())

    async def put(self, name: str, content: bytes) -> Written:
        """Writes a small file that is in memory already."""
        _check(_NAME, name)
        with _told():
            await obstore.put_async(self._store(), name, content, use_multipart=False)
        return Written(len(content), hashlib.sha256(content).hexdigest())

    async def size(self, name: str) -> int:
        """The bytes of a file. Raises `FileMissing`."""
        _check(_NAME, name)
        with _told(of_file=True):
            async with self._limit():
                return (await obstore.head_async(self._store(), name))["size"]

    async def piece(self, name: str, start: int, length: int) -> bytes:
        """The bytes from `start`, `length` of them or up to the end of the file.

        Nothing beyond its end. Raises `FileMissing`.
        """
        _check(_NAME, name)
        there = min(length, await self.size(name) - start)
        if there <= 0:
            return b""
        with _told(of_file=True):
            async with self._limit():
                store = self._store()
                found = await obstore.get_range_async(
                    store, name, start=start, length=there
                )
            return bytes(found)

    async def read(
        self, name: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Yields the bytes from `start` up to, not including, `end`, in pieces.

        Raises `FileMissing`.
        """
        size = await self.size(name)
        end = size if end is None else min(end, size)
        while start < end:
            piece = await self.piece(name, start, min(PIECE_BYTES, end - start))
            if not piece:
                raise FileMissing
            yield piece
            start += len(piece)

    async def names(self, prefix: str) -> list[str]:
        """The names that begin with a prefix such as `biz_1/imports/`."""
        _check(_PREFIX, prefix)
        found: list[str] = []
        with _told():
            async with self._limit():
                async for batch in obstore.list(self._store(), prefix):
                    found += (each["path"] for each in batch)
        return found

    async def delete(self, prefix: str) -> int:
        """Deletes all files below a prefix, and says how many. `biz_1/imports/imp_2/`.

        That there are none is no error. In a folder it deletes besides what a process
        was writing when it was killed; a bucket's own rules delete such parts.
        """
        names = await self.names(prefix)
        if self.place.startswith(_S3):
            with _told():  # a thousand with each request
                async with self._limit():
                    await obstore.delete_async(self._store(), names)
            return len(names)
        for each in names:
            await self.remove(each)
        with _told():
            await asyncio.to_thread(_delete_halves, Path(self.place) / prefix)
        return len(names)

    async def remove(self, name: str) -> None:
        """Deletes one file. That there is none is no error."""
        _check(_NAME, name)
        with suppress(FileMissing), _told(of_file=True):
            async with self._limit():
                await obstore.delete_async(self._store(), name)

    async def examine(self) -> None:
        """Writes, reads and deletes a small file. Raises `StoreUnavailable`."""
        await self.put(_PROBE, b"probe")
        if await self.piece(_PROBE, 0, 8) != b"probe":
            raise StoreUnavailable("The store of files returns what was not put.")
        await self.remove(_PROBE)

    def _limit(self) -> asyncio.Timeout:
        """Ends a request that takes too long."""
        return asyncio.timeout(self._patience)

    def _store(self) -> LocalStore | S3Store:
        if self._opened is None:
            if self.place.startswith(_S3):
                plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
                self._opened = S3Store.from_url(
                    self.place,
                    client_options={"allow_http": plain, "timeout": _PATIENCE},
                    retry_config={"max_retries": 3, "retry_timeout": 3 * _PATIENCE},
                )
            elif self.place:
                folder = Path(self.place).absolute()
                self._opened = LocalStore(folder, mkdir=True, automatic_cleanup=True)
            else:
                raise StoreUnavailable("No store of files is set.")
        return self._opened


class _Counted:
    """A content that is counted and hashed while it is read."""

    def __init__(self, content: AsyncIterable[bytes]) -> None:
        self._content = content
        self.bytes = 0
        self.hash = hashlib.sha256()
        self.error: Exception | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for each in self._content:
                if each:
                    self.bytes += len(each)
                    self.hash.update(each)
                    yield each
        except Exception as error:
            self.error = error
            raise


@contextmanager
def _told(content: _Counted | None = None, *, of_file: bool = False) -> Iterator[None]:
    """Turns what the store raises into our errors, and logs what it said.

    What the content raised is none of the store's: it stays as it is. Only a request
    for one file (`of_file`) can miss it: others miss the bucket.
    """
    try:
        yield
    except (BaseError, OSError) as error:
        if content is not None and content.error is not None:
            raise content.error from None
        if of_file and isinstance(error, FileNotFoundError):
            raise FileMissing from None
        _log.warning("the store of files failed", error=str(error)[:500])
        raise StoreUnavailable from error


def _delete_halves(folder: Path) -> None:
    """Deletes files that nobody has finished. A program that still writes one fails."""
    for each in folder.rglob("*#*"):
        each.unlink(missing_ok=True)
    emptied = sorted(
        (each for each in folder.rglob("*") if each.is_dir()), reverse=True
    )
    for each in (*emptied, folder):
        with suppress(OSError):  # it is not empty, or there is none
            each.rmdir()


def _check(pattern: re.Pattern[str], name: str) -> None:
    """Refuses names that no part of this program makes: they are bugs."""
    if not pattern.fullmatch(name) or ".." in name:
        raise ValueError(f"{name!r} is no name of a file.")
