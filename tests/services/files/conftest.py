"""The two kinds of stores: a folder, and a bucket of a server that tests start."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.files.stores import Files
from tests.harness.wire import s3_server
from tests.harness.wire.s3_server import BUCKET, S3Server


@pytest.fixture(scope="package")
def server() -> Iterator[S3Server]:
    """A server of buckets, for all tests of this folder."""
    with s3_server.running() as server:
        yield server


@pytest.fixture
def bucket(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A place in a bucket that no other test uses. The server is set as the store."""
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{secrets.token_hex(6)}"


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """An empty store of each kind."""
    if request.param == "folder":
        return Files(str(tmp_path / "files"))
    place: str = request.getfixturevalue("bucket")
    return Files(place)
