"""A program may watch its calls, and say what sends them."""

import asyncio

import httpx2

from prospectconnect_client import (
    AsyncProspectConnect,
    Attempt,
    Hooks,
    ProspectConnect,
    Retries,
)
from tests.clients.programs import Account
from tests.clients.unreliable import LOST_REQUEST, Network, Said

SECRET = "pcp_secret"
QUICK = Retries(first_pause=0.001, longest_pause=0.001)


class Watch:
    """What hooks are called with, in order."""

    def __init__(self) -> None:
        self.asked: list[Attempt] = []
        self.answered: list[Attempt] = []
        self.hooks = Hooks(self.asked.append, self.answered.append)


def test_each_attempt_is_seen(account: Account, network: Network) -> None:
    network.faults += [LOST_REQUEST, Said(503)]
    watch = Watch()
    with ProspectConnect(
        account.token, account.address, retries=QUICK, hooks=watch.hooks
    ) as api:
        api.contacts.create(email="ada@engine.example", idempotency_key="key-1")
    url = f"{account.address}/v1/contacts"
    assert watch.asked == [Attempt("POST", url, number) for number in (1, 2, 3)]
    assert [attempt.status for attempt in watch.answered] == [None, 503, 201]
    assert [attempt.number for attempt in watch.answered] == [1, 2, 3]
    assert all((attempt.seconds or 0) > 0 for attempt in watch.answered)
    told = repr(watch.asked + watch.answered)
    for secret in (account.token, "ada@engine.example", "key-1"):
        assert secret not in told


def answer(request: httpx2.Request) -> httpx2.Response:
    """Stands for the API."""
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    return httpx2.Response(200, json={"id": request.url.path})


def test_a_transport_of_ones_own_sends() -> None:
    transport = httpx2.MockTransport(answer)
    with ProspectConnect(SECRET, "https://papi.example", transport=transport) as api:
        assert api.contacts.get("con_1")["id"] == "/v1/contacts/con_1"


def test_those_who_await_have_the_same(account: Account, network: Network) -> None:
    network.faults += [Said(503)]
    watch = Watch()

    async def calls() -> None:
        async with AsyncProspectConnect(
            account.token, account.address, retries=QUICK, hooks=watch.hooks
        ) as api:
            await api.me.get()
        async with AsyncProspectConnect(
            SECRET, "https://papi.example", transport=httpx2.MockTransport(answer)
        ) as api:
            assert (await api.contacts.get("con_1"))["id"] == "/v1/contacts/con_1"

    asyncio.run(calls())
    assert [attempt.status for attempt in watch.answered] == [503, 200]
