"""Timeline, history and changes agree on what has happened."""

import random

import pytest

from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.changes.agreeing import check, play
from tests.rounds import rounds
from tests.world import Tenant, administer

_EVENT = "metadata ->> 'event' = 'owner_changed'"
FAULTS = {
    "a change of the log": (
        "UPDATE changes SET now = jsonb_set(now, '{tags}', '[\"z\"]')"
        " WHERE business_id = $1 AND now ? 'tags' AND operation = 2"
    ),
    "a missing change": (
        "DELETE FROM changes WHERE business_id = $1 AND now ? 'lead_score'"
        " AND operation = 2"
    ),
    "an event of the timeline": (
        f"DELETE FROM activities WHERE business_id = $1 AND {_EVENT}"
    ),
}


def test_the_three_accounts_agree(owner: Client, tenant: Tenant) -> None:
    users = [tenant.users["owner"], tenant.users["member"]]
    for number in range(rounds("AGREEMENTS")):
        work = play(owner, users, random.Random(number))
        assert check(work) > 100


@pytest.mark.parametrize("fault", FAULTS)
def test_what_one_of_them_leaves_out_is_found(
    owner: Client, tenant: Tenant, fault: str
) -> None:
    users = [tenant.users["owner"], tenant.users["member"]]
    spoil = FAULTS[fault]
    work = play(owner, users, random.Random(7))
    check(work)

    async def plant(database: Database) -> None:
        await database.run(spoil, tenant.business_id)

    administer(tenant.stack.database_url, plant)
    with pytest.raises(AssertionError):
        check(work)
