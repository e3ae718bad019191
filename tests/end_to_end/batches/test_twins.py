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


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_atomic_batches_do_all_or_nothing(owner: Client, seed: int) -> None:
    side, made = Side(owner), Operations(1_000 + seed)
    owner.create("/objects", _TYPE)
    for most in (3, 10, 30, 5):
        operations, before = made.several(most), side.state()
        answer = batch(side, operations, atomic=True)
        if answer.status == 200:
            results(side, operations, answer)
        else:
            assert answer.json["status"] == answer.status >= 400
            assert 0 <= answer.json["failed_operation"] < most
            assert side.state() == before
