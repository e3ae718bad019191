"""The embedded PostgreSQL ends by itself under load, and the product carries on."""

import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.end_to_end.outages.recovery import check_passed
from tests.harness.database.own_postgres import kill
from tests.harness.database.row_lock import until
from tests.harness.programs.embedded import serving
from tests.harness.promptly import in_time
from tests.harness.wire.repeaters import repeating
from tests.world import new_tenant

DEADLINE = {"PROSPECTCONNECT_REQUEST_DEADLINE_SECONDS": "2"}

_PATIENCE_SECONDS = 180.0
_RECOVERY_SECONDS = 5.0


def test_it_is_started_again_and_nothing_is_lost() -> None:
    """Within five seconds, on a machine at rest."""
    with (
        TemporaryDirectory(prefix="pc-") as name,
        serving(Path(name), DEADLINE) as stack,
    ):
        tenant = new_tenant(stack)
        with repeating(stack.http, tenant.tokens["owner"], attempts=1) as repeaters:
            until(lambda: all(r.acknowledged for r in repeaters), _PATIENCE_SECONDS)
            kill(Path(name))
            killed = time.monotonic()
            until(lambda: any(r.problems for r in repeaters), _PATIENCE_SECONDS)
            with closing(tenant.client()) as client:
                until(lambda: client.get("/me").status == 200, _PATIENCE_SECONDS)
                assert in_time(time.monotonic() - killed, _RECOVERY_SECONDS)
        check_passed(tenant, repeaters)
