"""The disk is full: writes are refused in time, and go on when it is not.

All that the product keeps is on it, the embedded PostgreSQL with it. Only root may
mount a disk of its own; for others the test is skipped.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.outages.recovery import check_passed
from tests.harness.database.row_lock import until
from tests.harness.programs.embedded import serving
from tests.harness.small_disks import fill, mounted
from tests.harness.wire.repeaters import repeating
from tests.world import new_tenant

SIZE = "400m"
OTHERS = 20  # tokens that no request was counted for while there was room
DEADLINE = {"PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": "2"}

_PATIENCE_SECONDS = 180.0


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    with mounted(SIZE) as folder:
        yield folder


def test_a_full_disk_refuses_writes_and_loses_none(disk: Path) -> None:
    with serving(disk, DEADLINE) as stack:
        tenant = new_tenant(stack)
        others = [tenant.token() for _ in range(OTHERS)]
        with repeating(stack.http, tenant.tokens["owner"], attempts=1) as repeaters:
            until(lambda: all(r.acknowledged for r in repeaters), _PATIENCE_SECONDS)
            ballast = fill(disk)
            until(lambda: any(r.problems for r in repeaters), _PATIENCE_SECONDS)
            for token in others:
                with closing(tenant.client(token=token)) as client:
                    assert client.get("/me").status in (200, 503)
        # Where its log's next segment finds no room, PostgreSQL shuts down.
        ballast.unlink()
        with closing(tenant.client()) as client:
            until(lambda: client.post("/contacts", {}).status != 503, _PATIENCE_SECONDS)
        check_passed(tenant, repeaters)
