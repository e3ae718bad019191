"""The machine's clock is set back, and on again, while the product runs.

`faketime` (Debian's) gives the program a clock that a file sets.
"""

import time
from calendar import timegm
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import stacks
from tests.client import Client
from tests.harness.database.row_lock import until
from tests.harness.programs.system import program_path
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

pytestmark = pytest.mark.needs_program("faketime")

LIMIT = (5, 10)
_PATIENCE_SECONDS = 180.0


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that sets the program's clock, by an offset such as `-1h`."""
    file = tmp_path / "clock"
    file.write_text("+0")
    return file


@pytest.fixture
def shifted(database_url: str, clock: Path) -> Iterator[Stack]:
    """The product by that clock; what has only to pass, passes as it does."""
    assert program_path("faketime") is not None
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    env = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with stacks.running("together", database_url, env) as stack:
        yield stack


@pytest.fixture
def tenant(shifted: Stack) -> Tenant:
    return new_tenant(shifted)


def seconds_apart(client: Client) -> float:
    """How far the program's clock is from ours, told by a record that it makes."""
    made = client.create("/contacts", {"email": f"c{time.time_ns()}@b.example"})
    answer = client.get(f"/contacts/{made['id']}")
    assert answer.status == 200
    changed = client.patch(f"/contacts/{made['id']}", {"city": "Rome"})
    assert changed.json["city"] == "Rome"
    at = str(changed.json["updated_at"])
    return time.time() - timegm(time.strptime(at[:19], "%Y-%m-%dT%H:%M:%S"))


def test_a_clock_that_is_set_back_locks_nobody_out(tenant: Tenant, clock: Path) -> None:
    limited = tenant.token(rate_limit=LIMIT)
    with (
        closing(tenant.client()) as owner,
        closing(Client(tenant.stack.http, limited)) as client,
    ):
        until(lambda: client.get("/me").status == 429)
        before = seconds_apart(owner)
        for offset, seconds in (("-1h", 3_600), ("+0", 0)):
            clock.write_text(offset)
            assert abs(seconds_apart(owner) - before - seconds) < _PATIENCE_SECONDS
            until(lambda: client.get("/me").status == 200, _PATIENCE_SECONDS)
            until(lambda: client.get("/me").status == 429, _PATIENCE_SECONDS)
            assert client.raw("GET", "/readyz", None, {}).status == 200
