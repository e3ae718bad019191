"""Usage: records the counts that edges report, and shows them to logged-in users.

An owner or admin sees the usage of the whole tenant, other users see their own. Only
`_whose` decides this.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from google.type.date_pb2 import Date
from prospectconnect.iam.v1 import usage_pb2 as pb
from prospectconnect.iam.v1 import usage_pb2_grpc
from prospectconnect.iam.v1.access_pb2 import RateLimit

from services.caller import Caller, current_call
from services.clock import DAY, SECOND, real_now, to_timestamp
from services.iam import contract_touches, usage_records
from services.iam.holders import Holders, Pair, find_holders
from services.iam.refusals import Refusals
from services.iam.usage_records import (
    ENDED,
    FAILED_KEPT,
    GOOD_KEPT,
    LIMITED_KEPT,
    REQUEST_DAYS,
    Part,
)
from services.iam.usage_sums import MOST_LISTED, most, sum_up
from services.postgres.database import Database, Row
from services.sealed.receipts import Receipts, today

# The number of callers in one report of an edge.
DAYS, MOST_CALLERS = 30, 250
# The operations that a search for requests may name.
MOST_OPERATIONS = 1_000

# The roles that see the usage of the whole tenant.
SEE_ALL = ("owner", "admin")

_TRACE = re.compile(r"[0-9a-f]{32}")

_READ = """
SELECT day, operation, user_id, holder_id, problem, sum(requests)::bigint
FROM usage_days
WHERE business_id = $1 AND day > $2 AND ($3 = '' OR user_id = $3)
GROUP BY GROUPING SETS
  ((day, problem), (operation, problem), (user_id, holder_id, problem))
"""
_SEARCH = f"""
SELECT at, operation, status, problem, reason, detail, trace_id, milliseconds,
  user_id, holder_id
FROM recent_requests
WHERE business_id = $1 AND ($2 = '' OR user_id = $2) AND ($3 = '' OR trace_id = $3)
  AND ($4 = '' OR holder_id = $4)
  AND (cardinality($5::text[]) = 0 OR operation = ANY($5))
  AND ($6::int = 0 OR status = $6 OR status / 100 = $6) AND at >= $7
  AND {ENDED} = $8
ORDER BY at DESC, id DESC LIMIT $9
"""


class UsageService(usage_pb2_grpc.UsageServiceServicer):
    """The methods of `UsageService`, as the proto describes them."""

    def __init__(
        self, database: Database, receipts: Receipts, refusals: Refusals
    ) -> None:
        self._database, self._refusals = database, refusals
        self._receipts = receipts

    async def RecordUsage(
        self, request: pb.RecordUsageRequest, _: Any
    ) -> pb.RecordUsageResponse:
        parts, refused = defaultdict[str, list[Part]](list), 0
        for each in request.callers[:MOST_CALLERS]:
            receipt = self._receipts.open(each.receipt)
            if receipt is None:
                refused += 1
            else:
                parts[receipt.business_id].append((receipt, each))
        for business_id in sorted(parts):
            its = parts[business_id]
            await usage_records.record(self._database, business_id, its)
            await contract_touches.record(self._database, business_id, its)
            for refusal in usage_records.refusals(parts[business_id]):
                await self._refusals.tell(refusal)
        return pb.RecordUsageResponse(refused=refused)

    async def GetUsage(self, request: pb.GetUsageRequest, _: Any) -> pb.Usage:
        caller, since = current_call().caller, today() - timedelta(days=DAYS)
        values = caller.business_id, since, _whose(caller)
        sums = sum_up(await self._database.rows(_READ, *values))
        busiest = most(sums.holders)
        known = await find_holders(self._database, caller.business_id, busiest)
        return pb.Usage(
            whole_tenant=not _whose(caller),
            days=[
                pb.DayUsage(day=_date(day), outcomes=sums.days[day])
                for day in (since + timedelta(days=n) for n in range(1, DAYS + 1))
            ],
            operations=[
                pb.OperationUsage(operation=each, outcomes=sums.operations[each])
                for each in most(sums.operations)
            ],
            problems=[
                pb.ProblemUsage(problem=problem, requests=requests)
                for problem, requests in sums.problems.most_common(MOST_LISTED)
            ],
            holders=[_holder(known, each, sums.holders[each]) for each in busiest],
            token_limit=_limit(caller.token_limit),
            tenant_limit=_limit(caller.tenant_limit),
        )

    async def SearchRequests(
        self, request: pb.SearchRequestsRequest, _: Any
    ) -> pb.SearchRequestsResponse:
        caller, trace_id = current_call().caller, request.trace_id.lower()
        answer = pb.SearchRequestsResponse(whole_tenant=not _whose(caller))
        if trace_id and not _TRACE.fullmatch(trace_id):
            return answer
        values = caller.business_id, _whose(caller), trace_id, *_conditions(request)
        rows: list[Row] = []
        for ended, most_rows in _wanted(request):
            rows += await self._database.rows(_SEARCH, *values, ended, most_rows)
        rows.sort(key=lambda row: row[0], reverse=True)
        pairs = {(row[8], row[9]) for row in rows}
        known = await find_holders(self._database, caller.business_id, pairs)
        answer.requests.extend(_recent(known, row) for row in rows)
        return answer


def _conditions(
    request: pb.SearchRequestsRequest,
) -> tuple[str, Sequence[str], int, int]:
    """The holder, operations and status to find, and the earliest moment."""
    kept = REQUEST_DAYS * DAY
    within = min(max(request.within_seconds, 0) * SECOND or kept, kept)
    operations = request.operations[:MOST_OPERATIONS]
    return request.holder_id, operations, request.status, real_now() - within


def _wanted(request: pb.SearchRequestsRequest) -> list[tuple[str, int]]:
    """Returns the outcomes to search for, each with the number of requests to find."""
    wanted = []
    if request.failed or not request.limited:
        wanted.append(("failed", FAILED_KEPT))
    if request.limited or not request.failed:
        wanted.append(("limited", LIMITED_KEPT))
    if not request.failed and not request.limited:
        wanted.append(("good", GOOD_KEPT))
    return wanted


def _whose(caller: Caller) -> str:
    """Returns the user whose usage the caller sees, "" for the whole tenant."""
    return "" if caller.role in SEE_ALL else caller.user_id


def _date(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def _limit(budget: tuple[int, int]) -> RateLimit:
    return RateLimit(limit=budget[0], window_seconds=budget[1])


def _holder(known: Holders, pair: Pair, outcomes: pb.Outcomes) -> pb.HolderUsage:
    told = pb.HolderUsage(holder=known.told(pair), outcomes=outcomes)
    if limit := known.limits.get(pair[1]):
        told.limit.CopyFrom(_limit(limit))
    return told


def _recent(known: Holders, row: Row) -> pb.RecentRequest:
    noted = pb.NotedRequest(
        at=to_timestamp(row[0]),
        operation=row[1],
        status=row[2],
        problem=row[3],
        reason=row[4],
        detail=row[5],
        trace_id=row[6],
        milliseconds=row[7],
    )
    return pb.RecentRequest(noted=noted, holder=known.told((row[8], row[9])))
