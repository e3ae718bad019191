"""A client keeps the pace of its rate limit, so that no call is refused."""

from dataclasses import replace

import pytest

from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program
from tests.rounds import rounds
from tests.world import Tenant

pytestmark = pytest.mark.node

COUNT = rounds("PACED_CREATES")
LIMIT = (50, 1)  # requests, seconds

IMPORT = """
const statuses = {}
const onResponse = ({ status }) => { statuses[status] = (statuses[status] ?? 0) + 1 }
const { pacing } = told
const client = new all.ProspectConnect({ ...settings, pacing, hooks: { onResponse } })
const rows = Array.from({ length: told.count }, (_, number) => `555 ${1000 + number}`)
const work = async () => {
  for (let row = rows.pop(); row; row = rows.pop()) {
    await outcome(() => client.contacts.create({ phone: row }))
  }
}
await Promise.all(Array.from({ length: told.atOnce }, work))
return statuses
"""


@pytest.mark.parametrize("at_once", [1, 8, COUNT])
def test_an_import_meets_no_limit(
    account: Account, tenant: Tenant, at_once: int
) -> None:
    limited = replace(account, token=tenant.token(rate_limit=LIMIT))
    values = {"count": COUNT, "atOnce": at_once, "pacing": True}
    assert run_program(limited, IMPORT, **values) == {"201": COUNT}


def test_without_a_pace_it_meets_the_limit(account: Account, tenant: Tenant) -> None:
    """So the test above would find a client that keeps none."""
    limited = replace(account, token=tenant.token(rate_limit=(50, 3600)))
    statuses = run_program(limited, IMPORT, count=100, atOnce=8, pacing=False)
    assert statuses["201"] in {50, 51}
    assert statuses["429"] >= 49


def test_a_wait_for_too_long_is_no_wait(account: Account, tenant: Tenant) -> None:
    hourly = replace(account, token=tenant.token(rate_limit=(1, 3600)))
    role, refused = run_program(
        hourly,
        """
        return [(await api.me.get()).role, await outcome(() => api.me.get())]
        """,
    )
    assert role == "owner"
    assert refused["error"].startswith("RateLimited: 429")


def test_a_call_that_is_ended_while_it_waits_is_not_sent(
    account: Account, tenant: Tenant
) -> None:
    slow = replace(account, token=tenant.token(rate_limit=(1, 30)))
    error, sent = run_program(
        slow,
        """
        let sent = 0
        const hooks = { onRequest: () => { sent++ } }
        const client = new all.ProspectConnect({ ...settings, hooks })
        await client.me.get()
        const ending = new AbortController()
        const call = outcome(() => client.me.get({ signal: ending.signal }))
        ending.abort(new Error('enough'))
        return [(await call).error, sent]
        """,
    )
    assert (error, sent) == ("Error: enough", 1)
