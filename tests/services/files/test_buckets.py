"""A bucket whose server is away, slow, full or set wrongly, and its deletions."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest

from services.exports.formats import Lines
from services.exports.output import Output, Place
from services.files.stores import Files, StoreUnavailable
from tests.harness.wire import s3_server
from tests.harness.wire.s3_server import BUCKET, S3Server
from tests.services.files.test_stores import MIB, NAME, in_a_loop

PREFIX = "biz_1/exports/exp_1/"


async def pieces(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        yield bytes([number % 256]) * MIB


@in_a_loop
async def test_a_file_of_many_parts_is_one_file(server: S3Server, bucket: str) -> None:
    files, whole = Files(bucket), [each async for each in pieces(37)]
    before = server.halves()
    written = await files.write(NAME, pieces(37))
    assert written.bytes == 37 * MIB == await files.size(NAME)
    digest = hashlib.sha256()
    async for each in files.read(NAME):
        digest.update(each)
    assert digest.hexdigest() == written.sha256
    assert await files.piece(NAME, 8 * MIB - 1, 2) == whole[7][-1:] + whole[8][:1]
    assert server.halves() == before


@in_a_loop
async def test_parts_of_a_file_that_is_cut_are_taken_back(
    server: S3Server, bucket: str
) -> None:
    before = server.halves()

    async def cut() -> AsyncIterator[bytes]:
        async for each in pieces(30):
            yield each
        assert server.halves() != before
        raise ConnectionError("cut in the middle")

    with pytest.raises(ConnectionError):
        await Files(bucket).write(NAME, cut())
    assert server.halves() == before
    assert server.files(bucket.rpartition("/")[2]) == []


@in_a_loop
async def test_parts_of_an_export_that_is_cancelled_are_taken_back(
    server: S3Server, bucket: str
) -> None:
    before = server.halves()
    place = Place(Files(bucket), PREFIX, "contacts", ".ndjson", False, 100 * MIB)
    output = Output(place, Lines, 1)
    while server.halves() == before:
        await output.add([b"x" * MIB])
    await output.abandon()
    assert server.halves() == before
    assert await Files(bucket).names("biz_1/") == []


@in_a_loop
async def test_more_files_than_one_answer_lists_are_found_and_deleted(
    server: S3Server, bucket: str
) -> None:
    files, top = Files(bucket), bucket.rpartition("/")[2]
    names = [f"{PREFIX}{number:05}" for number in range(1_001)]
    await files.put("biz_1/other", b"x")
    server.keep([f"{top}/{each}" for each in names])
    assert sorted(await files.names(PREFIX)) == names
    assert await files.delete(PREFIX) == len(names)
    assert await files.names("biz_1/") == ["biz_1/other"]


async def refused(files: Files) -> None:
    """A store refuses all but reads of one file in the same way."""
    for ask in (
        lambda: files.put(NAME, b"x"),
        lambda: files.write(NAME, pieces(1)),
        lambda: files.write(NAME, pieces(20)),
        lambda: files.names("biz_1/"),
        lambda: files.delete("biz_1/"),
        files.examine,
    ):
        with pytest.raises(StoreUnavailable):
            await ask()


@in_a_loop
async def test_a_wrong_key_makes_a_store_unavailable(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    files = Files(bucket)
    await refused(files)
    with pytest.raises(StoreUnavailable):
        await files.size(NAME)


@in_a_loop
async def test_a_bucket_that_is_not_there_is_unavailable(bucket: str) -> None:
    await refused(Files(bucket.replace(BUCKET, "nobody")))


@in_a_loop
async def test_a_server_that_was_away_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s3_server.running() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        files = Files(f"s3://{BUCKET}/away")
        await files.put(NAME, b"before")
        server.end()
        with pytest.raises(StoreUnavailable):
            await files.put(NAME, b"meanwhile")
        server.start()
        assert await files.piece(NAME, 0, 9) == b"before"
        await files.examine()


@in_a_loop
async def test_a_server_that_hangs_holds_nobody_up_who_waits_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s3_server.running() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        files = Files(f"s3://{BUCKET}/hangs")
        await files.put(NAME, b"before")
        hasty = files.within(0.2)
        server.hold_up()
        async with asyncio.timeout(45):  # with its tries a request may take 60 seconds
            for ask in (
                lambda: hasty.piece(NAME, 0, 9),
                lambda: hasty.names("biz_1/"),
                lambda: hasty.remove(NAME),
            ):
                with pytest.raises(StoreUnavailable):
                    await ask()


async def written(writing: Output, count: int) -> None:
    for _ in range(count):
        await writing.add([b"x" * MIB])
    await writing.finish()


@in_a_loop
async def test_a_server_that_hangs_ends_an_export_that_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{Output.__module__}.STORE_SECONDS", 0.2)
    monkeypatch.setattr(f"{Output.__module__}.ABANDON_SECONDS", 0.2)
    with s3_server.running() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        for count in (1, 100):  # it hangs at the end, or amid the file
            files = Files(f"s3://{BUCKET}/hangs")
            place = Place(files, PREFIX, "contacts", ".ndjson", False, 200 * MIB)
            writing = Output(place, Lines, 1)
            server.hold_up()
            async with asyncio.timeout(45):
                with pytest.raises(StoreUnavailable):
                    await written(writing, count)
                await writing.abandon()
            server.let_go()


@in_a_loop
async def test_a_server_that_ends_amid_a_file_leaves_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s3_server.running() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        files = Files(f"s3://{BUCKET}/amid")

        async def content() -> AsyncIterator[bytes]:
            async for each in pieces(20):
                yield each
            server.end()
            yield b"x" * MIB

        with pytest.raises(StoreUnavailable):
            await files.write(NAME, content())
        server.start()
        assert await files.names("biz_1/") == []


@in_a_loop
async def test_a_frozen_server_is_waited_for(server: S3Server, bucket: str) -> None:
    files = Files(bucket)
    server.hold_up()
    try:
        put = asyncio.ensure_future(files.put(NAME, b"late"))
        done, _ = await asyncio.wait((put,), timeout=0.5)
        assert not done
    finally:
        server.let_go()
    await put
    assert await files.piece(NAME, 0, 9) == b"late"


@in_a_loop
async def test_a_full_server_is_unavailable_until_there_is_room(
    server: S3Server, bucket: str
) -> None:
    files, before = Files(bucket), server.halves()
    await files.put(NAME, b"before")
    server.fill()
    try:
        with pytest.raises(StoreUnavailable):
            await files.put(NAME, b"x" * 1_000)
        with pytest.raises(StoreUnavailable):
            await files.write(NAME, pieces(20))
        assert await files.piece(NAME, 0, 9) == b"before"
    finally:
        server.make_room()
    await files.write(NAME, pieces(20))
    assert server.halves() == before
