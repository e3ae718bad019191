"""When the site is made: once, for all who ask, whoever of them goes away meanwhile."""

import asyncio
import threading

import pytest

from edge.documentation.page import GRPC_HERE, HERE
from edge.portal.opened import Portal
from edge.portal.search import make_index
from edge.portal.site import HTML, Site, Text

_SITE = Site(
    (),
    {
        "/": Text(HTML, f"<p>{HERE}/v1</p>"),
        "/large": Text(HTML, lambda: f"{HERE} " * 100_000),
    },
    make_index([]),
)


def test_it_is_made_once_beside_the_loop() -> None:
    made: list[threading.Thread] = []

    async def scenario() -> None:
        loop, begun, go_on = (
            asyncio.get_running_loop(),
            asyncio.Event(),
            threading.Event(),
        )

        def make() -> Site:
            made.append(threading.current_thread())
            loop.call_soon_threadsafe(begun.set)
            assert go_on.wait(20)
            return _SITE

        portal = Portal(make)
        waiting = [asyncio.create_task(portal.open()) for _ in range(5)]
        await asyncio.wait_for(begun.wait(), 20)  # the loop runs on meanwhile
        waiting.pop().cancel()
        go_on.set()
        opened = await asyncio.gather(*waiting, portal.open())
        assert {id(each) for each in opened} == {id(opened[0])}
        assert opened[0].site is _SITE

    asyncio.run(scenario())
    assert len(made) == 1
    assert made[0] is not threading.main_thread()


@pytest.mark.parametrize(
    ("base", "public", "expected"),
    [
        ("http://127.0.0.1:8080", None, "127.0.0.1:7001"),
        ("https://papi.example", None, "papi.example:7001"),
        ("http://[::1]:8080", None, "[::1]:7001"),
        ("http://[::1]", None, "[::1]:7001"),
        ("https://papi.example", "grpc.example:443", "grpc.example:443"),
    ],
)
def test_samples_name_the_place_of_grpc(
    base: str, public: str | None, expected: str
) -> None:
    site = Site((), {"/": Text(HTML, f"at {GRPC_HERE}.")}, make_index([]))

    async def page() -> bytes:
        opened = await Portal(lambda: site, public, 7001).open()
        found = await opened.print("/", base)
        assert found is not None
        return found.content

    assert asyncio.run(page()) == f"at {expected}.".encode()


def test_a_site_that_cannot_be_made_is_a_fault_each_time() -> None:
    def make() -> Site:
        raise ValueError("no such page")

    async def scenario() -> None:
        portal = Portal(make)
        for _ in range(2):
            with pytest.raises(ValueError, match="no such page"):
                await portal.open()

    asyncio.run(scenario())


def test_prints_are_kept_within_bounds() -> None:
    async def scenario() -> None:
        opened = await Portal(lambda: _SITE).open()
        first = await opened.print("/", "http://a.example")
        assert first is not None
        assert first.content == b"<p>http://a.example/v1</p>"
        assert await opened.print("/", "http://a.example") is first
        for number in range(20):
            await opened.print("/large", f"http://{number}.example")
        again = await opened.print("/", "http://a.example")
        assert again == first
        assert again is not first, "it was let go meanwhile"
        assert await opened.print("/nothing", "http://a.example") is None

    asyncio.run(scenario())
