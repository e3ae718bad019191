"""Refused calls in the audit: of each caller, each permission once a minute.

So nobody fills the table with refusals, or slows requests by them. Edges report the
calls that they refuse with the usage; calls of gRPC clients are noted here.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b

import asyncpg
import structlog

from services.clock import SECOND, real_now
from services.errors import ServiceError
from services.iam import audit
from services.postgres.database import Database

EVENT = "refused"
# The most entries in a minute: of one caller, of a tenant, and of a process.
MOST_OF_CALLER, MOST_OF_TENANT, MOST = 10, 120, 6_000
_MINUTE = 60 * SECOND

_UNTOLD = """
SELECT WHERE NOT EXISTS (SELECT FROM audit WHERE business_id = $1 AND id = $4)
  AND EXISTS (SELECT FROM tenants WHERE business_id = $1 FOR KEY SHARE)
"""
_RECORD = audit.beside(f"({_UNTOLD}) AS one", f"'{EVENT}'", "$2", "$3", 4)

_log = structlog.get_logger("services")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused call. `holder_id` is the id of a token or an app.

    `refused_by` is `scope` or `role`, `permission` the one that was missing.
    """

    business_id: str
    user_id: str
    holder_id: str
    operation: str
    permission: str
    refused_by: str
    address: str = ""
    trace_id: str = ""

    @property
    def whose(self) -> tuple[str, str, str]:
        """The caller."""
        return self.business_id, self.user_id, self.holder_id


class Refusals:
    """What was told of in this minute, and the entries that are being written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._minute = 0
        self._told: set[tuple[str, ...]] = set()
        self._of: Counter[tuple[str, ...]] = Counter()
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, refusal: Refusal) -> None:
        """Writes an entry in the background, unless there is one."""
        if not self._is_new(refusal):
            return
        task = asyncio.create_task(self._write(refusal))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def tell(self, refusal: Refusal) -> None:
        """Writes an entry, unless there is one."""
        if self._is_new(refusal):
            await self._write(refusal)

    def _is_new(self, refusal: Refusal) -> bool:
        minute = real_now() // _MINUTE
        if minute != self._minute:
            self._minute = minute
            self._told.clear()
            self._of.clear()
        whose, key = refusal.whose, (*refusal.whose, refusal.permission)
        tenant = (refusal.business_id,)
        is_full = len(self._told) >= MOST or self._of[tenant] >= MOST_OF_TENANT
        if is_full or self._of[whose] >= MOST_OF_CALLER or key in self._told:
            return False
        self._told.add(key)
        self._of.update((whose, tenant))
        return True

    async def _write(self, refusal: Refusal) -> None:
        """Writes the entry of a minute. Another process may have done so."""
        is_app = refusal.holder_id.startswith("app_")
        _, moment, address, told = audit.beside_values(
            refusal.address,
            refusal.operation,
            trace_id=refusal.trace_id,
            permission=refusal.permission,
            refused_by=refusal.refused_by,
            token_id="" if is_app else refusal.holder_id,
        )
        try:
            await self._database.run(
                _RECORD,
                refusal.business_id,
                refusal.user_id,
                refusal.holder_id if is_app else "",
                _id(refusal, moment // _MINUTE),
                moment,
                address,
                told,
            )
        except asyncpg.UniqueViolationError:
            return
        except ServiceError:
            _log.warning("refusal_not_told", business_id=refusal.business_id)


def _id(refusal: Refusal, minute: int) -> str:
    """The id of an entry, the same in each process."""
    parts = *refusal.whose, refusal.permission, str(minute)
    return f"aud_{blake2b('|'.join(parts).encode(), digest_size=12).hexdigest()}"
