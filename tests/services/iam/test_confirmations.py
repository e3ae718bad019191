"""Confirmations in the services: one process spends each, within ten minutes."""

import asyncio
from dataclasses import replace

import pytest
from prospectconnect.iam.v1 import confirmations_pb2 as pb

from services.caller import CURRENT_CALL, NOBODY, Call
from services.clock import SECOND, from_timestamp, now
from services.errors import ValidationFailed
from services.iam.confirmations import GOOD_FOR, ConfirmationService
from services.ids import new_id
from services.postgres.database import Database
from services.sealed.confirmations import Confirmations
from services.sealed.secret_keys import FORMS, open_keys

CALL, STATE = b"call", b"s" * 16
CALLER = replace(NOBODY, business_id=new_id("biz_"), user_id="usr_1", token_id="pat_1")


async def service_of(database: Database) -> ConfirmationService:
    """The service of a process."""
    return ConfirmationService(
        database, Confirmations(await open_keys(database, FORMS))
    )


async def refusal(service: ConfirmationService, text: str, state: bytes) -> str:
    """Spends a confirmation. Returns why it was refused, "" if it was not."""
    asked = pb.SpendConfirmationRequest(confirmation=text, call=CALL, state=state)
    try:
        await service.SpendConfirmation(asked, None)
    except ValidationFailed as error:
        return " ".join(f"{fault.field}: {fault.message}" for fault in error.faults)
    return ""


def test_of_many_processes_one_spends_it(database_url: str) -> None:
    async def work() -> None:
        CURRENT_CALL.set(Call(CALLER))
        databases = [await Database.open(database_url) for _ in range(3)]
        services = [await service_of(each) for each in databases]
        asked = pb.CreateConfirmationRequest(call=CALL, state=STATE)
        for _ in range(10):
            made = await services[0].CreateConfirmation(asked, None)
            tried = [
                refusal(each, made.confirmation, STATE)
                for each in services
                for _ in "ab"
            ]
            told = await asyncio.gather(*tried)
            assert sorted(map(bool, told)) == [False, *[True] * 5]
            assert all("was used" in each for each in told if each)
        for each in databases:
            await each.close()

    asyncio.run(work())


def test_it_is_good_for_ten_minutes_and_one_state(database_url: str) -> None:
    async def work() -> None:
        CURRENT_CALL.set(Call(CALLER))
        database = await Database.open(database_url)
        service = await service_of(database)
        seals = Confirmations(await open_keys(database, FORMS))
        early = seals.seal(CALLER, CALL, STATE, now())
        assert "has expired" in await refusal(service, early, STATE)
        made = await service.CreateConfirmation(
            pb.CreateConfirmationRequest(call=CALL, state=STATE), None
        )
        left = from_timestamp(made.expires_at) - now()
        assert GOOD_FOR - 60 * SECOND < left <= GOOD_FOR
        assert "have changed" in await refusal(service, made.confirmation, b"t" * 16)
        # What was tried with another state cannot be tried again.
        assert "was used" in await refusal(service, made.confirmation, STATE)
        with pytest.raises(ValidationFailed):
            await service.CreateConfirmation(pb.CreateConfirmationRequest(), None)
        await database.close()

    asyncio.run(work())
