"""A tenant whose usage is reported and looked at, without a server in between."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from prospectconnect.iam.v1 import usage_pb2 as pb
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_PAT

from services.caller import CURRENT_CALL, NOBODY, Call, Caller
from services.clock import now, to_timestamp
from services.iam.refusals import Refusals
from services.iam.tenants import create_user
from services.iam.usage import UsageService
from services.ids import new_id
from services.postgres.database import Database
from services.sealed.receipts import Receipts
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.tenant_setup import create_tenant

RECEIPTS = Receipts(SecretKeys(SecretKey(b"a key", 0)))
NOT_FOUND, LIMITED = "not-found", "rate-limited"


@dataclass(frozen=True, slots=True)
class Office:
    """A tenant with an owner, and the service."""

    database: Database
    service: UsageService
    owner: Caller

    async def record(self, *parts: pb.CallerUsage) -> int:
        """Reports; returns how many parts were refused."""
        answer = await self.service.RecordUsage(
            pb.RecordUsageRequest(callers=parts), None
        )
        return answer.refused

    async def usage(self, caller: Caller | None = None) -> pb.Usage:
        CURRENT_CALL.set(Call(caller or self.owner))
        return await self.service.GetUsage(pb.GetUsageRequest(), None)

    async def requests(
        self, caller: Caller | None = None, **asked: object
    ) -> list[pb.RecentRequest]:
        CURRENT_CALL.set(Call(caller or self.owner))
        request = pb.SearchRequestsRequest(**asked)  # type: ignore[arg-type]  # any
        return list((await self.service.SearchRequests(request, None)).requests)


Run = Callable[[Callable[[Office], Awaitable[None]]], None]


def office_of(database_url: str) -> Run:
    """What runs a test in a tenant of its own."""

    def within(work: Callable[[Office], Awaitable[None]]) -> None:
        async def do() -> None:
            database = await Database.open(database_url)
            try:
                name = new_id("usage_")
                business_id = await create_tenant(database, name)
                user_id = await create_user(database, name, "a@b.example", "owner")
                owner = replace(
                    NOBODY,
                    business_id=business_id,
                    user_id=user_id,
                    role="owner",
                    token_id=new_id("pat_"),
                    token_kind=TOKEN_KIND_PAT,
                )
                service = UsageService(database, RECEIPTS, Refusals(database))
                await work(Office(database, service, owner))
            finally:
                await database.close()

        asyncio.run(do())

    return within


def part(caller: Caller, *counts: tuple[str, str, int]) -> pb.CallerUsage:
    """A part of a report: counts by operation and problem."""
    return pb.CallerUsage(
        receipt=RECEIPTS.seal(caller),
        counts=[
            pb.OperationCount(operation=operation, problem=problem, requests=requests)
            for operation, problem, requests in counts
        ],
    )


def noted(problem: str = NOT_FOUND, **changed: object) -> pb.NotedRequest:
    given = {
        "at": to_timestamp(now()),
        "operation": "GetContact",
        "status": 404 if problem else 200,
        "problem": problem,
        "reason": "NOT_FOUND" if problem else "",
        "trace_id": "ab" * 16,
        "milliseconds": 1.5,
    }
    return pb.NotedRequest(**{**given, **changed})  # type: ignore[arg-type]  # any
