"""While formulas of many records are computed, others get their turn."""

import asyncio
import time
from itertools import repeat

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.own_schemas import compile_schema
from services.schema.formulas import values_of

OWN = compile_schema(
    [
        pb.Field(
            object="contacts",
            key=f"f{number}",
            type=pb.FIELD_TYPE_FORMULA,
            expression="+".join(["lead_score"] * 25),
            result=pb.FIELD_RESULT_NUMBER,
        )
        for number in range(50)
    ],
    1,
).of("contacts")


def test_others_get_their_turn() -> None:
    async def turns() -> tuple[int, float]:
        records = repeat(Contact(id="a", lead_score=3), 400)
        begun = time.monotonic()
        work = asyncio.create_task(values_of(OWN.formulas, records, OWN))
        count = 0
        while not work.done():
            await asyncio.sleep(0)
            count += 1
        assert set(work.result()) == {f"f{number}" for number in range(50)}
        assert work.result()["f0"] == {"a": 75}
        return count, time.monotonic() - begun

    count, seconds = asyncio.run(turns())
    assert 5 < count < seconds / 0.005 + 3


def test_a_deadline_ends_it() -> None:
    async def work() -> None:
        endless = repeat(Contact(lead_score=3))
        async with asyncio.timeout(0.05):
            await values_of(OWN.formulas, endless, OWN)

    with pytest.raises(TimeoutError):
        asyncio.run(work())
