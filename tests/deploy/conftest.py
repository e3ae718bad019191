"""What the tests of the program share: a folder for its data."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A folder below /tmp: pytest's own may be closed to PostgreSQL's account."""
    with tempfile.TemporaryDirectory(prefix="pc-") as folder:
        yield Path(folder) / "data"
