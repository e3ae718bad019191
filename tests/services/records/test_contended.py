"""A write ends, even if another call is faster at each attempt."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.caller import Caller
from services.errors import NotFound
from services.records.contended import PATIENCE
from services.records.engine import Records
from tests.services.records.processes import Process, Scenario

FASTER = """
UPDATE contacts SET version = version + 1 WHERE business_id = $1 AND id IN (
  SELECT id FROM contacts WHERE business_id = $1 AND id = $2 FOR UPDATE SKIP LOCKED)
"""


class Rival:
    """Changes a record after each reading of it, unless the record is locked."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self.outcomes: list[str] = []

    def strike(self, business_id: str, record: Any) -> None:
        """Changes the record at once. The writer waits; its event loop does too."""
        key = business_id, record.id
        thread = threading.Thread(target=lambda: asyncio.run(self._change(*key)))
        thread.start()
        thread.join()

    async def _change(self, *key: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            self.outcomes.append(await connection.execute(FASTER, *key))
        finally:
            await connection.close()


async def rename(process: Process, who: Caller, contact: Contact) -> None:
    def change(record: Contact) -> None:
        record.first_name = "Ada"

    await process.contacts.update(process.call(who), contact.id, change)
    found = await process.contacts.get(who, contact.id)
    assert (found.first_name, found.etag) == ("Ada", str(PATIENCE + 2))


async def delete(process: Process, who: Caller, contact: Contact) -> None:
    await process.contacts.delete(process.call(who), contact.id)
    with pytest.raises(NotFound):
        await process.contacts.get(who, contact.id)


@pytest.mark.parametrize("write", [rename, delete])
def test_a_write_that_is_always_too_slow_locks_the_record_and_is_done(
    play: Callable[[Scenario], None],
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    write: Callable[[Process, Caller, Contact], Awaitable[None]],
) -> None:
    rival = Rival(database_url)

    async def scenario(process: Process, who: Caller) -> None:
        contact = await process.contacts.create(process.call(who), Contact(phone="1"))
        monkeypatch.setattr(
            Records,
            "check_writable",
            lambda _, record: rival.strike(who.business_id, record),
        )
        await write(process, who, contact)

    play(scenario)
    assert rival.outcomes == ["UPDATE 1"] * PATIENCE + ["UPDATE 0"]
