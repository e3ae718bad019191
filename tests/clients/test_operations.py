"""Every operation of the document is a method of every client, and sends the same."""

import json
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from deploy.clients.operations import Operation, resources
from prospectconnect_client import VERSION, AsyncProspectConnect, ProspectConnect
from tests.clients.programs import Account, Step, run
from tests.clients.unreliable import Network, Said

DOCUMENT = json.loads(Path(f"gen/openapi/{VERSION}.json").read_text())

# What any operation takes for an answer.
EMPTY = Said(200, {}, b'{"data": [], "meta": {"cursor": {"next": null}}}')

# `changes.watch` reads it; `test_watching.py` is about that.
STREAMS = {"watchChanges"}

# Clients send and fetch files piece by piece; `test_files.py` is about that.
FILES = {"getExportFile", "getImportErrors", "writeImportContent", "writeImportPart"}

STRANGE, QUOTED = "a/b ä", "a%2Fb%20%C3%A4"


def test_a_client_has_every_operation(
    client: str, account: Account, network: Network
) -> None:
    members = [
        (resource.snake, operation)
        for resource in resources(DOCUMENT)
        for operation in resource.operations
    ]
    told = [each for item in DOCUMENT["paths"].values() for each in item.values()]
    by_hand = STREAMS | FILES
    assert {each["operationId"] for each in told} >= by_hand
    assert len(members) == len(told) - len(by_hand)
    network.faults += [EMPTY] * len(members)
    outcomes = run(client, account, *[step(*member) for member in members])
    assert not [outcome for outcome in outcomes if outcome and "error" in outcome]
    for (_, operation), request in zip(members, network.seen, strict=True):
        assert (request.method, request.path) == expected(operation)
        assert request.headers["version"] == VERSION == newest_contract()
        assert ("idempotency-key" in request.headers) == operation.keyed


@pytest.mark.parametrize(
    "method", ["watch", "exports.download", "imports.upload", "imports.download_errors"]
)
def test_a_client_has_what_is_written_by_hand(method: str) -> None:
    """An operation without a generated method has one that uses it."""
    name = method if "." in method else f"changes.{method}"
    for kind in (ProspectConnect, AsyncProspectConnect):
        assert callable(attrgetter(name)(kind("pcp_1", "http://127.0.0.1")))


def step(resource: str, operation: Operation) -> Step:
    """A call of an operation. What its body says is not looked at."""
    body: dict[str, Any] = {"limit": 7} if operation.body else {}
    path = [STRANGE] * len(operation.path_fields)
    return Step(f"{resource}.{operation.snake}", path, body)


def expected(operation: Operation) -> tuple[str, str]:
    """What is to be seen of it."""
    path = operation.path
    for field in operation.path_fields:
        path = path.replace(f"{{{field}}}", QUOTED)
    return operation.method, path


def newest_contract() -> str:
    """The contract that clients are to be generated from."""
    return max(path.stem for path in Path("gen/openapi").glob("????-??-??.json"))
