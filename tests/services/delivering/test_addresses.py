"""No request goes where it may not, however its address is spelled."""

import asyncio
import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from services.delivering.addresses import Addresses, AddressRefused
from services.delivering.networks import may_reach
from services.delivering.sending import ADDRESS_REFUSED, NAME_UNKNOWN, Sender
from tests.services.delivering import spellings
from tests.services.delivering.spellings import names

PUBLIC = "93.184.216.34"


async def unknown(_: str) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port on all loopback addresses that nobody may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_no_spelling_of_a_forbidden_address_is_taken() -> None:
    hosts = list(spellings.hosts())
    assert len(hosts) > 400

    async def faults() -> list[str]:
        policy = Addresses(look_up=unknown)
        urls = [f"https://{h}{end}" for h in hosts for end in ("/", ":8443/a?b=c")]
        return [url for url in urls if not await policy.fault_of(url)]

    assert asyncio.run(faults()) == []


def test_no_request_gets_out(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    hosts = [each for each in spellings.hosts() if "\n" not in each]

    async def send() -> set[str]:
        sender = Sender(Addresses(look_up=unknown), seconds=2)
        try:
            urls = [f"{s}://{h}:{port}/" for h in hosts for s in ("http", "https")]
            found = [await sender.send(url, {}, b"{}") for url in urls]
            return {each.error for each in found}
        finally:
            await sender.close()

    assert asyncio.run(send()) == {ADDRESS_REFUSED}
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("url", ["https://0x7f.1/", "https://[::ffff:7f00:1]/"])
def test_the_operator_may_allow_private_addresses_but_no_others(url: str) -> None:
    async def faults() -> list[str]:
        policy = Addresses(allows_private=True, look_up=unknown)
        private = ("127.0.0.1", "10.1.2.3", "192.168.0.9", "[::1]", "[fd12::1]")
        for host in private:
            assert not await policy.fault_of(f"http://{host}:9000/")
        return [
            host
            for host in spellings.NEVER
            if not await policy.fault_of(f"http://{host}/")
        ]

    assert asyncio.run(faults()) == []
    assert asyncio.run(Addresses(allows_private=True).fault_of(url))


def test_own_ports_are_refused_where_private_addresses_are_allowed() -> None:
    async def faults() -> list[bool]:
        policy = Addresses(allows_private=True, own_ports=frozenset({8080}))
        urls = (
            "http://127.0.0.1:8080/",
            "http://127.0.0.1:8081/",
            "http://10.9.8.7:8080/",
        )
        return [bool(await policy.fault_of(url)) for url in urls]

    assert asyncio.run(faults()) == [True, False, False]


def test_one_forbidden_address_of_a_name_refuses_it() -> None:
    look_up = names(
        good=[PUBLIC, "2606:4700::1111"],
        mixed=[PUBLIC, "10.0.0.1"],
        inner=["::ffff:127.0.0.1"],
        none=[],
    )

    async def faults() -> list[bool]:
        policy = Addresses(look_up=look_up)
        every = ("good", "mixed", "inner", "none")
        return [bool(await policy.fault_of(f"https://{e}.example")) for e in every]

    # A name without an address is taken: it may get one.
    assert asyncio.run(faults()) == [False, True, True, False]


def test_a_name_that_changes_between_check_and_connection_goes_nowhere(
    listener: socket.socket,
) -> None:
    port, answers = listener.getsockname()[1], [[PUBLIC], ["127.0.0.1"]]

    async def look_up(_: str) -> list[str]:
        return answers.pop(0)

    async def scenario() -> str:
        policy = Addresses(look_up=look_up)
        url = f"https://rebinds.example:{port}/"
        assert not await policy.fault_of(url)
        sender = Sender(policy, seconds=2)
        try:
            return (await sender.send(url, {}, b"{}")).error
        finally:
            await sender.close()

    assert asyncio.run(scenario()) == ADDRESS_REFUSED
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_connection_is_judged_though_the_resolver_was_fooled(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = listener.getsockname()[1]

    async def fooled(*_: object) -> list[str]:
        return ["127.0.0.1"]

    async def scenario() -> str:
        policy = Addresses()
        monkeypatch.setattr(policy, "resolve", fooled)
        sender = Sender(policy, seconds=2)
        try:
            return (await sender.send(f"https://a.example:{port}/", {}, b"{}")).error
        finally:
            await sender.close()

    assert asyncio.run(scenario()) == ADDRESS_REFUSED
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_names_that_do_not_resolve_are_attempts_that_failed() -> None:
    async def scenario() -> str:
        sender = Sender(Addresses(look_up=unknown))
        try:
            return (await sender.send("https://a.example/", {}, b"{}")).error
        finally:
            await sender.close()

    assert asyncio.run(scenario()) == NAME_UNKNOWN


def test_addresses_of_the_internet_are_reached_and_no_others() -> None:
    public = (PUBLIC, "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.32.0.1")
    ipv6 = ("2606:4700:4700::1111", "2a00:1450:4001::5", "223.255.255.255")
    assert [e for e in (*public, *ipv6) if not may_reach(e, allows_private=False)] == []
    # All that Python knows to be special is refused, and more.
    for number in range(0, 2**32, 1_000_003):
        address = ip_address(number)
        if not address.is_global:
            assert not may_reach(str(address), allows_private=False), address


def test_hosts_are_looked_up_once_at_a_time() -> None:
    asked: list[str] = []

    async def look_up(host: str) -> list[str]:
        asked.append(host)
        await asyncio.sleep(0)
        return [PUBLIC]

    async def scenario() -> None:
        policy = Addresses(look_up=look_up)
        await asyncio.gather(*(policy.resolve("a.example", 443) for _ in range(50)))
        with pytest.raises(AddressRefused):
            policy.judge("10.0.0.1", 443)

    asyncio.run(scenario())
    assert asked == ["a.example"]
