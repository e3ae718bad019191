"""Does for sandboxes what no request waits for: fills, resets and deletes them.

Each step is a transaction that locks the sandbox's row and notes there how far it came.
Several processes share the work, and a killed one leaves nothing half done.
"""

import asyncio
import time
from collections.abc import Mapping
from functools import partial

import structlog
from prospectconnect.iam.v1.sandboxes_pb2 import (
    SANDBOX_COPY_SCHEMA_AND_SAMPLE,
    SANDBOX_STATE_RESETTING,
)

from services.errors import Unavailable
from services.files.stores import Files
from services.kinds.record_type import RecordType
from services.postgres.database import Database, Row, Transaction
from services.records.copying import clearing, definitions, sandbox_rows
from services.records.copying.samples import fill
from services.sandboxes.bounds import AT_ONCE
from services.sandboxes.figures import DELETING, STATES, SandboxFigures
from services.sandboxes.making import define
from services.schema.generation import LOCK

# So often a process looks for sandboxes with something to do.
LOOK_SECONDS = 1
# So often a process counts them.
MEASURE_SECONDS = 30
# A sandbox has so many steps before others have theirs.
_MOST_STEPS = 50
# So long a creation waits before it looks again at what another process does for it.
_WAIT_SECONDS = 0.02

_log = structlog.get_logger("services")

Kinds = Mapping[str, RecordType]


class Tending:
    """The steps of sandboxes; `kinds` are the types of all records, by resource."""

    def __init__(
        self,
        database: Database,
        kinds: Kinds,
        files: Files | None,
        figures: SandboxFigures | None = None,
    ) -> None:
        self._database, self._kinds, self._files = database, kinds, files
        self.figures = SandboxFigures() if figures is None else figures
        self._measures_at = 0.0

    async def look(self) -> None:
        """Does what is due for all sandboxes."""
        if time.monotonic() >= self._measures_at:
            self._measures_at = time.monotonic() + MEASURE_SECONDS
            await self._measure()
        for row in await self._database.rows(sandbox_rows.DUE):
            try:
                for _ in range(_MOST_STEPS):
                    if not await self.step(row[0], row[1]):
                        break
            except Unavailable:
                raise
            except Exception:  # one does not keep the others waiting
                self.figures.failed_steps += 1
                _log.exception("sandbox_was_not_tended", sandbox=row[1])

    async def _measure(self) -> None:
        states = self.figures.states
        counted = dict.fromkeys(states, 0)
        for state, is_deleted, number in await self._database.rows(sandbox_rows.COUNT):
            counted[DELETING if is_deleted else STATES[state]] += number
        states.update(counted)

    async def fill(self, live: str, sandbox_id: str, seconds: float) -> None:
        """Copies sample records for some time, or waits while another process does."""
        its, ends = (live, sandbox_id), time.monotonic() + seconds
        while time.monotonic() < ends:
            if not await self.step(*its):
                if await self._database.row(sandbox_rows.IS_OPEN, *its) is None:
                    return
                await asyncio.sleep(_WAIT_SECONDS)

    async def step(self, live: str, sandbox_id: str) -> bool:
        """Does a sandbox's next step. False if there is none, or another has it."""
        step = partial(self._step, live, sandbox_id)
        return await self._database.in_transaction(step)

    async def _step(self, live: str, sandbox_id: str, transaction: Transaction) -> bool:
        its = live, sandbox_id
        await transaction.run(sandbox_rows.EXPIRE, *its)
        row = await transaction.row(sandbox_rows.TAKE, *its)
        if row is None:
            return False
        if row["tenant_id"] is None:
            await transaction.run(sandbox_rows.GONE, *its)
        elif row["is_deleted"]:
            await self._delete(its, row["tenant_id"], transaction)
        elif row["state"] == SANDBOX_STATE_RESETTING:
            return await self._reset(its, row, transaction)
        else:
            await self._fill(its, row, transaction)
        return True

    async def _delete(
        self, its: tuple[str, str], tenant: str, transaction: Transaction
    ) -> None:
        """Deletes a part of a sandbox, at last its tenant.

        Nothing can be written for a tenant without a row, so nothing comes after it.
        """
        await transaction.row(LOCK, tenant)  # what is being written comes first
        if await clearing.clear(transaction, tenant, (clearing.TENANTS,)):
            return
        if self._files is not None and self._files.place:
            await self._files.delete(f"{tenant}/")
        await transaction.run(clearing.clear_sql(clearing.TENANTS), tenant, 1)
        await transaction.run(sandbox_rows.GONE, *its)

    async def _reset(
        self, its: tuple[str, str], row: Row, transaction: Transaction
    ) -> bool:
        """Clears a part of a sandbox; then it begins anew. False: it is to wait."""
        tenants = its[0], row["tenant_id"]
        held = await transaction.row(sandbox_rows.HOLD, tenants[1])
        if held is not None and not held["is_known"]:
            if not held["is_shut"]:
                await transaction.run(sandbox_rows.SHUT, tenants[1])
            return False
        if await clearing.clear(
            transaction, tenants[1], clearing.STAYS, clearing.SPENT
        ):
            return True
        if self._files is not None and self._files.place:
            await self._files.delete(f"{tenants[1]}/")
        await transaction.run(sandbox_rows.BEGIN_ANEW, tenants[1])
        await definitions.copy_people(transaction, tenants, row["seed"])
        await define(transaction, tenants, row["copy"], self._kinds)
        is_all = row["copy"] != SANDBOX_COPY_SCHEMA_AND_SAMPLE or not row["sample"]
        await transaction.run(sandbox_rows.FILLED, *its, 0, is_all)
        return True

    async def _fill(
        self, its: tuple[str, str], row: Row, transaction: Transaction
    ) -> None:
        """Copies the next sample records."""
        filled, wanted = row["filled"], row["sample"] or 0
        most = min(AT_ONCE, wanted - filled)
        found = 0
        if most > 0:
            tenants = its[0], row["tenant_id"]
            found = await fill(transaction, tenants, row["seed"], (filled, most))
        is_all = found < AT_ONCE or filled + found >= wanted
        await transaction.run(sandbox_rows.FILLED, *its, filled + found, is_all)
