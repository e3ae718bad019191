"""What clients must be able to say once an outage of the database is over."""

import asyncio
from collections.abc import Sequence

from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.wire.repeaters import Repeater, doubled_or_lost
from tests.world import Tenant


def check_passed(tenant: Tenant, repeaters: Sequence[Repeater]) -> None:
    """Nobody was cut off, refusals were 503s, and whatever was sent is there once."""
    for each in repeaters:
        assert each.cut + each.cut_new == []
        for answer in each.problems:
            check_problem(answer, 503, "server-error", "/v1/contacts")
        each.settle()
    url = tenant.stack.database_url
    assert asyncio.run(doubled_or_lost(url, tenant.business_id, repeaters)) == []
