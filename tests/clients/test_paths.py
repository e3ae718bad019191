"""What is in a path reaches the API as it was given, or nothing is sent."""

from collections import deque
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.clients.operations import Operation, resources
from prospectconnect_client import Call, ProspectConnect
from tests.clients.programs import Account, Step, run
from tests.clients.test_operations import DOCUMENT, EMPTY
from tests.clients.unreliable import Network, unreliable

PYTHON = ("python", "python-async")

WITH_PATHS = [
    (resource.snake, operation)
    for resource in resources(DOCUMENT)
    for operation in resource.operations
    if operation.path_fields
]

# Dots, slashes and what is quoted already are drawn often; half characters, too.
PARTS = st.sampled_from([".", "..", "/", "\\", "%2e", "%2F", "%", ";", "?", "#", " "])
VALUES = st.lists(PARTS | st.characters(codec=None), max_size=6).map("".join)


@pytest.fixture(scope="module")
def recorder() -> Iterator[Network]:
    """A server that keeps each path as it came."""
    with unreliable("nowhere.example") as network:
        yield network


def sent(client: str, network: Network, step: Step) -> str | None:
    """The path that a server receives of a call; None when nothing was sent."""
    network.seen.clear()
    network.faults = deque([EMPTY])
    account = Account(network.address, "pcp_no", {"attempts": 1})
    try:
        run(client, account, step)
    except (ValueError, TypeError):
        assert network.seen == []
        return None
    (request,) = network.seen
    return request.path


@pytest.mark.parametrize("client", PYTHON)
def test_a_path_is_received_as_it_was_given(client: str, recorder: Network) -> None:
    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(WITH_PATHS), st.data())
    def holds(member: tuple[str, Operation], data: st.DataObject) -> None:
        resource, operation = member
        given = [data.draw(VALUES, field) for field in operation.path_fields]
        body = {"limit": 7} if operation.body else {}
        path = sent(
            client, recorder, Step(f"{resource}.{operation.snake}", given, body)
        )
        if any(refused(value) for value in given):
            assert path is None
            return
        assert path is not None
        values = iter(given)
        expected = [
            next(values) if part.startswith("{") else part
            for part in operation.path.split("/")
        ]
        assert [unquote(part) for part in path.split("/")] == expected

    holds()


def refused(value: str) -> bool:
    """Whether no path can hold a value."""
    half = any("\ud800" <= letter <= "\udfff" for letter in value)
    return half or value in {"", ".", ".."}


@pytest.mark.parametrize("client", PYTHON)
@pytest.mark.parametrize("tag", ["", ".", ".."])
def test_no_tag_is_the_contact(client: str, account: Account, tag: str) -> None:
    """`/contacts/ID/tags/..` is `/contacts/ID` to whatever reads URLs."""
    (made,) = run(
        client, account, Step("contacts.create", body={"email": "a@b.example"})
    )
    with pytest.raises(ValueError, match=r"^The tag is"):
        run(client, account, Step("contacts.remove_tag", [made["id"], tag]))
    (found,) = run(client, account, Step("contacts.get", [made["id"]]))
    assert found == made


@pytest.mark.parametrize("given", [None, 7, b"con_1"])
def test_what_is_no_text_is_in_no_path(recorder: Network, given: object) -> None:
    recorder.seen.clear()
    with (
        ProspectConnect("pcp_no", recorder.address) as client,
        pytest.raises(TypeError, match="The id is not a string"),
    ):
        client.contacts.get(given)  # type: ignore[arg-type]  # not typed
    assert recorder.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "v1/me",
        "/v1/contacts/..",
        "/v1/a/%2E%2e/b",
        "/v1/./me",
        "/v1/a b",
        "/v1/me#x",
        "",
    ],
)
def test_a_path_by_hand_is_sent_as_it_is_or_not(recorder: Network, path: str) -> None:
    recorder.seen.clear()
    with (
        ProspectConnect("pcp_no", recorder.address) as client,
        pytest.raises(ValueError, match="The path is not absolute and quoted"),
    ):
        client.send(Call("DELETE", path, None, {}))
    assert recorder.seen == []
