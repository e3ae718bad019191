"""What the tests of the program share: a folder for its data."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.database.ready_made import ready_made


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A folder with a migrated database, where tests of the setup need none.

    It lies below /tmp: pytest's own may be closed to PostgreSQL's account.
    """
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
        ready_made(data := Path(folder) / "data")
        yield data
