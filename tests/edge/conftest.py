"""What the tests of the edge share: an edge for scenarios that leave nothing in it."""

from collections.abc import Iterator

import pytest

from tests.edge.served import OnEdge, shared_edge


@pytest.fixture(scope="module")
def on_edge() -> Iterator[OnEdge]:
    """Runs a scenario on the module's edge; to begin one takes a tenth of a second."""
    with shared_edge() as run_on_it:
        yield run_on_it
