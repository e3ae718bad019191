"""The process that writes Parquet: it ends with its file, and never by itself."""

import asyncio
import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

from services.exports.cells import Column
from services.exports.errors import ParquetFailed
from services.exports.parquet import Parquet

COLUMNS = (Column("id", type="text"), Column("count", type="whole"), Column("more"))


def lines_of(numbers: Sequence[int]) -> list[bytes]:
    return [
        orjson.dumps({"id": str(n), "count": n, "more": {"n": [n]}}) for n in numbers
    ]


@pytest.mark.parametrize(("total", "step"), [(0, 1), (1, 1), (12_345, 40)])
def test_a_file_has_all_records_in_their_order(total: int, step: int) -> None:
    async def written() -> tuple[bytes, int]:
        its, parts, given = Parquet(COLUMNS, is_compressed=False), [], 0
        for start in range(0, total, step):
            lines = lines_of(range(start, min(start + step, total)))
            given += sum(map(len, lines))
            parts.append(await its.add(lines))
            given = given if not parts[-1] else 0
            assert its.held >= given  # nothing is told to be in the file too early
        parts.append(await its.end())
        return b"".join(parts), its.held

    data, held = asyncio.run(written())
    rows = pq.read_table(io.BytesIO(data)).to_pylist()
    assert [each["id"] for each in rows] == [str(n) for n in range(total)]
    assert all(each["more"] == f'{{"n":[{each["count"]}]}}' for each in rows)
    assert held == 0


def test_a_process_that_dies_is_an_error_at_once() -> None:
    async def killed() -> None:
        its = Parquet(COLUMNS, is_compressed=True)
        await its.add(lines_of(range(2_000)))
        its._process.kill()
        try:
            for _ in range(100):
                await its.add(lines_of(range(2_000)))
        finally:
            await its.abandon()

    with pytest.raises(ParquetFailed):
        asyncio.run(killed())


def test_what_fits_no_column_is_told() -> None:
    async def refused() -> None:
        its = Parquet(COLUMNS, is_compressed=False)
        try:
            await its.add([b'{"count":"many"}'])
            await its.end()
        finally:
            await its.abandon()

    with pytest.raises(RuntimeError, match="many"):
        asyncio.run(refused())


def test_an_abandoned_file_leaves_no_process() -> None:
    async def abandoned() -> int:
        its = Parquet(COLUMNS, is_compressed=False)
        await its.abandon()  # before there is one
        await its.add(lines_of(range(2_000)))
        process = its._process
        await its.abandon()
        return int(process.pid)

    assert not Path(f"/proc/{asyncio.run(abandoned())}").exists()


def test_the_process_ends_with_the_pipe_of_its_worker() -> None:
    command = (sys.executable, "-m", "services.exports.columnar")
    for given in (b"", b"\x10\0\0\0half"):
        ended = subprocess.run(
            command, input=given, capture_output=True, timeout=60, check=True
        )
        assert ended.stdout == b""
