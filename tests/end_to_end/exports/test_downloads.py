"""Downloads of files: whole, in part, and only if they have changed."""

import random
import socket
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.exports.exporting import exported, file
from tests.world import Tenant

CONTACTS = 40


@pytest.fixture
def export(owner: Client) -> Any:
    """An export with a file of some kilobytes."""
    for n in range(CONTACTS):
        owner.create("/contacts", {"email": f"{n}@a.example", "last_name": "x" * 90})
    return exported(owner)


def _ranges(size: int) -> Iterator[tuple[str, slice]]:
    drawn = random.Random(19)
    for _ in range(20):
        first = drawn.randrange(size)
        last = drawn.randrange(first, 2 * size)
        yield f"bytes={first}-{last}", slice(first, last + 1)
    for length in (1, size - 1, size, 3 * size):
        yield f"bytes=-{length}", slice(max(0, size - length), size)
    yield "bytes=7-", slice(7, size)


@pytest.mark.every_topology
def test_a_part_is_the_slice_of_the_whole(owner: Client, export: Any) -> None:
    whole = file(owner, export)
    digest = b64encode(sha256(whole.body).digest()).decode()
    assert whole.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert whole.headers["content-digest"] == whole.headers["repr-digest"]
    assert whole.headers["etag"] == f'"{sha256(whole.body).hexdigest()}"'
    assert whole.headers["content-disposition"] == (
        'attachment; filename="contacts-1.ndjson"'
    )
    size = len(whole.body)
    for asked, wanted in _ranges(size):
        part = file(owner, export, Range=asked)
        assert (part.status, part.body) == (206, whole.body[wanted]), asked
        begin, end, _ = wanted.indices(size)
        told = f"bytes {begin}-{end - 1}/{size}"
        assert part.headers["content-range"] == told
        assert part.headers["content-length"] == str(len(part.body))


def test_a_range_beyond_the_end_is_refused(owner: Client, export: Any) -> None:
    size = export["result"]["files"][0]["bytes"]
    for first in (size, "9" * 20):
        answer = file(owner, export, Range=f"bytes={first}-")
        assert answer.status == 416
        assert answer.headers["content-range"] == f"bytes */{size}"
        assert answer.json["type"].endswith("/range-not-satisfiable")


def test_another_file_is_sent_whole(owner: Client, export: Any) -> None:
    whole = file(owner, export)
    same = file(owner, export, Range="bytes=0-9", If_Range=whole.headers["etag"])
    other = file(owner, export, Range="bytes=0-9", If_Range='"another"')
    assert (same.status, same.body) == (206, whole.body[:10])
    assert (other.status, other.body) == (200, whole.body)


def test_a_file_that_is_there_already_is_not_sent(owner: Client, export: Any) -> None:
    etag = file(owner, export).headers["etag"]
    assert file(owner, export, If_None_Match=etag).status == 304
    assert file(owner, export, If_Match='"another"').status == 412
    assert file(owner, export, If_Match=etag).status == 200


@pytest.mark.every_topology
def test_a_head_tells_of_the_file(owner: Client, export: Any) -> None:
    path = f"/exports/{export['id']}/files/1"
    answer = owner.send("HEAD", path, Range="bytes=0-9")
    told = export["result"]["files"][0]
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(told["bytes"])
    assert owner.get(path).status == 200  # on the same connection


def test_there_is_no_other_file(owner: Client, export: Any) -> None:
    for number in ("0", "2", "-1", "01", "x", "1.0", "%D9%A1", "9" * 30):
        assert owner.get(f"/exports/{export['id']}/files/{number}").status == 404
    assert owner.get("/exports/exp_0123456789abcdef01234567/files/1").status == 404


def test_a_client_that_leaves_ends_its_download(
    tenant: Tenant, owner: Client, export: Any
) -> None:
    host, port = tenant.stack.http.split(":")
    head = (
        f"GET /v1/exports/{export['id']}/files/1 HTTP/1.1\r\nHost: {host}\r\n"
        f"Version: 2026-11-01\r\nAuthorization: Bearer {owner.token}\r\n\r\n"
    )
    for _ in range(40):  # more than a tenant may have at once
        with socket.create_connection((host, int(port))) as link:
            link.sendall(head.encode())
            assert link.recv(12) == b"HTTP/1.1 200"
    assert file(owner, export).status == 200
