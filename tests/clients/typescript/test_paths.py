"""Whatever a path value is, it arrives as that value, or nothing is sent."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from deploy.clients.operations import Operation, resources
from prospectconnect_client import VERSION
from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program
from tests.clients.unreliable import Network

pytestmark = pytest.mark.node

DOCUMENT = json.loads(Path(f"gen/openapi/{VERSION}.json").read_text())

# What parsers of URLs fold, cut off, strip, decode or take for a slash.
PIECES = (
    *(".", "..", "%2e", "%2E", "/", "\\", "//", "%2F", "%5c", "%", "%25", "%00"),
    *("?", "#", ";", ":", "@", "&", "=", "+", " ", "\t", "\r", "\n", "\0", "'", '"'),
    *(
        "a",
        "Z",
        "9",
        "-",
        "_",
        "~",
        "!",
        "*",
        "(",
        "|",
        "^",
        "`",
        "{",
        "<",
        "[",
        "\x7f",
    ),
    *("ä", "e\u0301", "中", "😀", "\u2028", "\ufeff", "\uff0e", "\ud800", "\udc00"),
)

CALL_ALL = """
const { createServer } = await import('node:http')
const seen = []
const server = createServer((request, answer) => {
  seen.push([request.method, request.url])
  answer.end('{"data": [], "meta": {"cursor": {"next": null}}}')
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.on('listening', resolve))
const address = `http://127.0.0.1:${server.address().port}`
const client = new all.ProspectConnect({ ...settings, address })
const found = []
for (const [resource, method, body, path] of told.calls) {
  const given = body ? [{}] : []
  const end = await outcome(async () => {
    const answer = client[resource][method](...path, ...given)
    // A search sends nothing until its pages are asked for.
    await (answer.pages === undefined ? answer : answer.pages().next())
  })
  found.push([end.error ?? '', seen.splice(0)])
}
return found
"""


def values(chance: random.Random) -> Iterator[str]:
    """Each piece alone, and some chains of them."""
    yield ""
    yield from PIECES
    for _ in range(8):
        yield "".join(chance.choices(PIECES, k=chance.randint(2, 4)))


def members() -> list[tuple[str, Operation]]:
    """All operations with path values."""
    return [
        (resource.camel, operation)
        for resource in resources(DOCUMENT)
        for operation in resource.operations
        if operation.path_fields
    ]


def sendable(value: str) -> bool:
    """Whether a URL can hold a value as one segment of its path."""
    halves = any(0xD800 <= ord(each) <= 0xDFFF for each in value)
    return value not in {"", ".", ".."} and not halves


def test_a_path_value_arrives_as_it_is_or_nothing_is_sent(account: Account) -> None:
    """The other side is a server that folds nothing: it shows the path as received."""
    chance = random.Random(1815)  # the same values in each run
    calls = [
        (resource, operation, path_of(operation, place, value), value)
        for resource, operation in members()
        for place in range(len(operation.path_fields))
        for value in values(chance)
    ]
    told = [
        [resource, operation.camel, bool(operation.body), path]
        for resource, operation, path, _ in calls
    ]
    # What a program is told is an argument: more than fits into one goes in parts.
    found = [
        each
        for start in range(0, len(told), 500)
        for each in run_program(account, CALL_ALL, calls=told[start : start + 500])
    ]
    for (_, operation, path, value), (error, seen) in zip(calls, found, strict=True):
        if not sendable(value):
            assert error.startswith("TypeError: The "), value
            assert seen == []
            continue
        ((method, arrived),) = seen
        assert (error, method) == ("", operation.method), value
        parts = [unquote(part, errors="strict") for part in arrived.split("/")]
        assert parts == segments(operation, path)


def path_of(operation: Operation, place: int, value: str) -> list[str]:
    """The values of a path, one of them the given one."""
    path = [f"id_{number}" for number in range(len(operation.path_fields))]
    path[place] = value
    return path


def segments(operation: Operation, values: list[str]) -> list[str]:
    """The decoded segments that a path is to have."""
    given = iter(values)
    parts = operation.path.split("/")
    return [next(given) if part.startswith("{") else part for part in parts]


def test_removing_a_tag_named_by_dots_leaves_the_contact(account: Account) -> None:
    found = run_program(
        account,
        """
        const made = await api.contacts.create({ phone: '555 1815' })
        const ends = []
        for (const tag of ['.', '..', '%2e%2e', '../..']) {
          const end = await outcome(() => api.contacts.removeTag(made.id, tag))
          ends.push(end.error ?? 'done')
        }
        return [ends, (await api.contacts.get(made.id)).id === made.id]
        """,
    )
    refusal = "TypeError: The tag '{}' cannot be sent: it would be another path."
    ends = [refusal.format("."), refusal.format(".."), "done", "done"]
    assert found == [ends, True]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/contacts/con_1/tags/..",
        "/v1/contacts/con_1/tags/%2E%2e",
        "/v1/contacts/con_1/tags\\..",
        "/v1/contacts/con_1/.\t./tasks",
        "/v1/contacts/con_1#tags",
        "/v1/contacts/a b",
    ],
)
def test_a_path_made_by_hand_is_not_changed_on_the_way(
    account: Account, network: Network, path: str
) -> None:
    end = run_program(
        account,
        """
        const call = { method: 'DELETE', path: told.path, headers: {}, keyed: false }
        return outcome(() => api.send({ ...call, repeatable: true }))
        """,
        path=path,
    )
    assert end["error"].startswith("TypeError: The path ")
    assert network.seen == []
