"""A file is whole or not there, also if its writing fails, in each kind of store."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import pytest

from services.errors import Unavailable
from services.files.stores import FileMissing, Files
from tests.harness.small_disks import fill, mounted

NAME = "biz_1/imports/imp_2/1"
MIB = 1024 * 1024

Given = ParamSpec("Given")


def in_a_loop(
    test: Callable[Given, Coroutine[None, None, None]],
) -> Callable[Given, None]:
    """Runs a test in an event loop of its own."""

    @wraps(test)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for each in pieces:
        yield each


async def _cut(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size
    raise ConnectionError("cut in the middle")


@in_a_loop
async def test_a_file_is_read_as_it_was_written(files: Files) -> None:
    pieces = (b"", b"one", b"x" * 3 * MIB, b"", b"two")
    whole = b"".join(pieces)

    written = await files.write(NAME, _pieces(*pieces))

    assert written.bytes == len(whole) == await files.size(NAME)
    assert written.sha256 == hashlib.sha256(whole).hexdigest()
    assert b"".join([each async for each in files.read(NAME)]) == whole
    assert b"".join([each async for each in files.read(NAME, 2, 9)]) == whole[2:9]
    assert await files.piece(NAME, len(whole) - 2, 100) == b"wo"
    assert await files.piece(NAME, len(whole), 100) == b""


@pytest.mark.parametrize(("count", "size"), [(0, 1), (1, 10), (4, 6 * MIB)])
@in_a_loop
async def test_a_file_that_is_cut_is_never_seen(
    files: Files, count: int, size: int
) -> None:
    await files.write("biz_1/imports/imp_2/2", _pieces(b"whole"))

    with pytest.raises(ConnectionError):
        await files.write(NAME, _cut(count, size))
    with pytest.raises(ConnectionError):
        await files.write("biz_1/imports/imp_2/2", _cut(count, size))

    assert await files.names("biz_1/") == ["biz_1/imports/imp_2/2"]
    assert await files.piece("biz_1/imports/imp_2/2", 0, 9) == b"whole"
    with pytest.raises(FileMissing):
        await files.size(NAME)


@in_a_loop
async def test_a_write_that_is_cancelled_leaves_nothing(files: Files) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 9 * MIB
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(files.write(NAME, endless()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await files.names("biz_1/") == []


@in_a_loop
async def test_delete_takes_what_is_below_a_prefix_and_no_more(files: Files) -> None:
    for name in ("biz_1/imports/imp_2/1", "biz_1/imports/imp_2/2", "biz_1/imports/x"):
        await files.put(name, b"x")

    assert await files.delete("biz_1/imports/imp_2/") == 2
    assert await files.delete("biz_1/imports/imp_2/") == 0
    await files.remove("biz_1/never/there")

    assert await files.names("biz_1/") == ["biz_1/imports/x"]


@pytest.mark.parametrize("name", ["x", "biz_1", "biz_1/../biz_2/x", "biz_1//x", "/x"])
@in_a_loop
async def test_no_name_leads_out_of_a_tenant(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        await Files(str(tmp_path)).put(name, b"x")


@in_a_loop
async def test_a_store_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (str(tmp_path / "file"), ""):
        with pytest.raises(Unavailable):
            await Files(place).examine()
    await Files(str(tmp_path / "files")).examine()
    assert not list((tmp_path / "files").rglob("probe"))


@in_a_loop
async def test_a_full_disk_is_unavailable_until_there_is_room() -> None:
    with mounted("8m") as disk:
        files = Files(str(disk / "files"))
        await files.put(NAME, b"before")
        with pytest.raises(Unavailable):
            await files.write("biz_1/imports/imp_2/2", _pieces(*[b"x" * MIB] * 9))
        ballast = fill(disk)
        with pytest.raises(Unavailable):
            await files.put("biz_1/imports/imp_2/2", b"x" * MIB)
        assert await files.names("biz_1/") == [NAME]
        assert await files.piece(NAME, 0, 9) == b"before"
        ballast.unlink()
        await files.write("biz_1/imports/imp_2/2", _pieces(*[b"x" * MIB] * 7))
        assert await files.delete("biz_1/") == 2
