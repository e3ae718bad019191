"""Readers of the feed are told what their filters cannot judge, and it is counted."""

import asyncio
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.crm.v1 import contacts_pb2
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.caller import CURRENT_CALL, Call
from services.changes.reading import Feed
from services.gates.figures import Figures
from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas
from services.tenant_setup import create_tenant
from tests.services.callers import caller
from tests.services.changes.telling import place_after
from tests.services.changes.test_no_gaps import CURSORS, KINDS

_SPOIL = """
UPDATE changes SET image = image || '{"lead_score": "many"}'
WHERE business_id = $1 AND record_id = $2
"""


def test_the_feed_counts_what_filters_cannot_judge(database_url: str) -> None:
    async def work(database: Database) -> None:
        name = new_id("feed-")
        business_id = await create_tenant(database, name)
        user = await create_user(database, name, "one@x.example", "owner")
        call = Call(caller(business_id, user))
        CURRENT_CALL.set(call)
        contacts: Any = Records(database, KINDS["contact"])
        odd, low, high = [
            (await contacts.create(call, contacts_pb2.Contact(lead_score=score))).id
            for score in (1, 2, 9)
        ]
        await database.run(_SPOIL, business_id, odd)
        await place_after(database)
        every = {name: Records(database, each) for name, each in KINDS.items()}
        schemas, figures = Schemas(database, KINDS["field"].kind), Figures()
        feed = Feed(database, every, schemas, CURSORS, 30, figures)
        scored = Filter(field="lead_score", operator=Operator.OPERATOR_GTE)
        scored.value.number_value = 5
        request = pb.ReadChangesRequest(
            start="earliest", resources=["contacts"], filters=[scored]
        )
        answer, _ = await feed.read(call, request, None)
        told = {each.record.id for each in answer.data}
        assert told == {odd, high}, low
        assert figures.unjudged == 1

    asyncio.run(_on(database_url, work))


async def _on(url: str, work: Any) -> None:
    database = await Database.open(url, max_connections=4)
    try:
        await work(database)
    finally:
        await database.close()
