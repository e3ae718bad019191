"""A batch answers, and leaves behind, what the same single requests would."""

import pytest

from tests.client import Client
from tests.end_to_end.batches.logs import lives
from tests.end_to_end.batches.twins import (
    OBJECT,
    Operations,
    Side,
    batch,
    results,
    single,
)
from tests.end_to_end.conftest import OpenClient
from tests.rounds import rounds
from tests.world import Tenant

ROUNDS = rounds("TWIN_BATCHES")
_TYPE = {"slug": OBJECT, "singular_label": "Project", "plural_label": "Projects"}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_batches(
    owner: Client,
    tenant: Tenant,
    other_tenant: Tenant,
    open_client: OpenClient,
    seed: int,
) -> None:
    sides = Side(owner), Side(open_client(other_tenant.tokens["owner"]))
    for side in sides:
        side.client.create("/objects", _TYPE)
    left, right = sides
    made = Operations(seed)
    for most in (40, 25, 60):
        operations, failed = made.several(most), set[str]()
        answer = batch(left, operations)
        assert answer.status in (200, 207), answer.body
        theirs = results(left, operations, answer)
        alone = [single(right, operation, failed) for operation in operations]
        for index, operation in enumerate(operations):
            here, there = left.named(theirs[index]), right.named(alone[index])
            assert here == there, (index, operation)
    assert left.state() == right.state()
    assert len(left.state()) > 20
    assert lives(tenant, left) == lives(other_tenant, right)
