"""What loaders post gets through, once, even when nobody hears the first answers."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress

import pytest

from tests.client import Client
from tests.loading.posting import LoadError, Poster
from tests.stacks import Stack
from tests.world import Tenant


@contextmanager
def losing_answers(address: str, times: int) -> Iterator[str]:
    """Another address of the server, where the first answers are lost.

    The server gets each request and answers it; then the connection is cut.
    """
    host, _, port = address.rpartition(":")
    lost = 0

    def carry(client: socket.socket) -> None:
        nonlocal lost
        with client, socket.create_connection((host, int(port))) as server:
            there = threading.Thread(target=_pump, args=(client, server))
            there.start()
            if lost < times and server.recv(1):
                lost += 1
            else:
                _pump(server, client)
            _end(client)
            there.join()

    def serve() -> None:
        while (client := _accept(listener)) is not None:
            carry(client)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            _end(listener)
            serving.join()
    assert lost == times


def _accept(listener: socket.socket) -> socket.socket | None:
    try:
        return listener.accept()[0]
    except OSError:
        return None


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Carries bytes until either side is gone, and then ends the other."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    _end(target)


def _end(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def test_a_create_whose_answers_are_lost_is_done_once(
    stack: Stack, tenant: Tenant, owner: Client
) -> None:
    with (
        losing_answers(stack.http, times=2) as address,
        closing(Poster(f"http://{address}", tenant.tokens["owner"])) as poster,
    ):
        made = poster.create("/companies", {"name": "Acme"}, "k")
    assert made.replayed
    assert owner.pages("/companies") == [made.record]


def test_many_threads_share_its_connections(
    stack: Stack, tenant: Tenant, owner: Client
) -> None:
    poster = Poster(f"http://{stack.http}", tenant.tokens["owner"], connections=3)
    names = [f"company-{number}" for number in range(30)]

    def make(name: str) -> str:
        return str(poster.create("/companies", {"name": name}, name).record["name"])

    with closing(poster), ThreadPoolExecutor(6) as threads:
        assert list(threads.map(make, names)) == names
        found = list(poster.find("/companies", limit=7))
    assert {each["name"] for each in found} == set(names)
    assert len(owner.pages("/companies")) == len(names)


def test_a_rate_limit_makes_it_wait(stack: Stack, tenant: Tenant) -> None:
    token = tenant.token(["company.write"], rate_limit=(5, 1))
    with closing(Poster(f"http://{stack.http}", token)) as poster:
        made = [poster.create("/companies", {"name": "A"}, str(n)) for n in range(8)]
    assert not any(each.replayed for each in made)


def test_a_refusal_is_told_and_not_sent_again(stack: Stack, tenant: Tenant) -> None:
    with (
        closing(Poster(f"http://{stack.http}", tenant.tokens["owner"])) as poster,
        pytest.raises(LoadError, match=r'k: 422 .*"field":"name"'),
    ):
        poster.create("/companies", {"name": ""}, "k")
