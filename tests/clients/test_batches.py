"""Clients send any number of operations in batches, and try them dry."""

import asyncio
from typing import Any

import pytest

from prospectconnect_client import (
    AsyncProspectConnect,
    ProspectConnect,
    in_batches,
    in_batches_async,
)
from tests.clients.programs import Account, Step, run
from tests.clients.typescript.programs import run_program
from tests.clients.unreliable import Network

OPERATIONS: list[dict[str, Any]] = [
    {"method": "create", "body": {"name": f"Company {n}"}} for n in range(7)
]


def test_operations_go_in_batches(account: Account, network: Network) -> None:
    with ProspectConnect(account.token, account.address) as api:
        found = in_batches(api.companies.batch, iter(OPERATIONS), size=3)
        assert network.seen == []
        assert next(found)["status"] == 201
        assert len(network.seen) == 1
        assert [each["record"]["name"] for each in found] == [
            f"Company {n}" for n in range(1, 7)
        ]
        assert len(network.seen) == 3
        with pytest.raises(ValueError, match="1 to 200"):
            next(in_batches(api.companies.batch, OPERATIONS, size=201))


def test_with_await(account: Account, network: Network) -> None:
    async def send() -> list[int]:
        async with AsyncProspectConnect(account.token, account.address) as api:
            sent = in_batches_async(api.companies.batch, OPERATIONS, size=5)
            return [each["status"] async for each in sent]

    assert asyncio.run(send()) == [201] * 7
    assert len(network.seen) == 2


@pytest.mark.node
def test_in_typescript(account: Account, network: Network) -> None:
    """A method of a resource is passed on, as the guide shows it."""
    told = run_program(
        account,
        """
        const found = []
        const sent = all.inBatches(api.companies.batch, told.operations, 5)
        for await (const each of sent) {
          found.push(each.status)
        }
        const { create } = api.withResponse.companies
        const { status } = await create({ name: 'Engine' })
        const { search } = api.companies
        for await (const each of search()) found.push(each.name.slice(0, 6))
        return [found, status, Object.keys(api.companies), Object.keys(api.changes)]
        """,
        operations=OPERATIONS,
    )
    assert told[0][:7] == [201] * 7
    assert len(told[0]) == 15
    assert told[1:] == [201, [], []]


def test_a_batch_and_a_dry_run(client: str, account: Account) -> None:
    body = {"operations": OPERATIONS[:2]}
    tried, found, done = run(
        client,
        account,
        Step("companies.batch", body=body, options={"dry_run": True}),
        Step("companies.search", body={}),
        Step("companies.batch", body=body),
    )
    assert [each["status"] for each in tried["data"]] == [201, 201]
    assert found == []
    assert done["meta"] == {"succeeded": 2, "failed": 0}
