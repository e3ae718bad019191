"""Whatever answers in Valkey's place, requests are counted by this machine alone."""

import asyncio
from functools import partial

import pytest

from edge.limits.limit import Limit
from edge.limits.rate_limit import SharedMemoryLimiter
from edge.limits.valkey_limiter import ValkeyLimiter
from tests.edge.some_callers import a_caller


async def answer(
    garbage: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Says the same to all that it is told, for as long as somebody asks."""
    while await reader.read(65_536):
        writer.write(garbage)
    writer.close()


@pytest.mark.parametrize(
    "garbage",
    [
        b":abc\r\n",
        b"$xyz\r\n",
        b"*1\r\n" * 5_000,
        b"*2\r\n:1\r\n:2\r\n",
        b"*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n$1\r\nx\r\n",
        b"$-1\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
def test_garbage_is_as_good_as_no_answer(garbage: bytes) -> None:
    async def scenario() -> None:
        server = await asyncio.start_server(partial(answer, garbage), "127.0.0.1")
        port = server.sockets[0].getsockname()[1]
        alone = SharedMemoryLimiter(slots=64)
        limiter = ValkeyLimiter(f"valkey://127.0.0.1:{port}", alone, 0.2)
        caller = a_caller("pat_a", "biz_a", Limit(3, 3_600), Limit(100, 3_600))
        allowed = [(await limiter.take(caller)).allowed for _ in range(4)]
        assert allowed == [True, True, True, False]
        assert await limiter.pace("somebody", Limit(1, 3_600)) == 0
        await limiter.give_back("somebody", Limit(1, 3_600))
        await limiter.close()
        alone.close()
        server.close()

    asyncio.run(scenario())
