"""Writes usage: one statement for each tenant and report, and a sweep.

A report is trusted only as far as its receipt goes. Values that do not have the form of
our names, statuses or trace ids are left out, and texts are cut.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from prospectconnect.iam.v1 import usage_pb2 as pb

from services.clock import DAY, SECOND, from_timestamp, real_now
from services.iam.audit import plain
from services.iam.refusals import Refusal
from services.ids import new_id
from services.postgres.database import Database
from services.sealed.receipts import Receipt, today

MOST_COUNTS, MOST_REQUESTS, MOST_DETAIL = 1_000, 30, 500
MOST_MILLISECONDS = 86_400_000
# The most counts of one report, which names at most 250 callers. Real ones have fewer.
MOST_LOOKED_AT = 10_000
# The highest count of one kind in a report. No edge answers so many requests.
MOST_TIMES = 1_000_000
DAYS_KEPT, REQUEST_DAYS = 35, 7
# The number of the newest requests kept for each holder.
FAILED_KEPT, LIMITED_KEPT, GOOD_KEPT = 500, 100, 100

# The outcome of a remembered request. A refusal by the rate limit is not a failure:
# clients that wait and retry get many, which would hide the real failures.
ENDED = """CASE problem
  WHEN '' THEN 'good' WHEN 'rate-limited' THEN 'limited' ELSE 'failed' END"""

_OPERATION = re.compile(r"[A-Z][A-Za-z]{1,63}")
_PROBLEM = re.compile(r"[a-z-]{0,63}")
_REASON = re.compile(r"[A-Z_]{0,63}")
_TRACE = re.compile(r"[0-9a-f]{32}")
_PERMISSION = re.compile(r"\b[a-z_]{1,40}\.(?:read|write|delete|erase)\b")
_REFUSED_BY = {"SCOPE_DENIED": "scope", "ROLE_DENIED": "role"}

# A sandbox may be gone before the last report of its calls: that one counts nothing.
# The number of a holder's rows for a day is limited. Real holders have far fewer, but
# invented names could fill the table and the pages of the tenant's owner. Existing rows
# continue to count; new ones are added up to the limit. Reports that arrive at the same
# moment do not see each other's rows.
_RECORD = f"""
WITH given AS (
  SELECT * FROM unnest($2::date[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::bigint[]) AS told (day, user_id, holder_id, operation, problem, requests)
  WHERE EXISTS (SELECT FROM tenants WHERE business_id = $1 FOR KEY SHARE)
), added AS (
  SELECT day, user_id, holder_id, operation, problem, row_number() OVER (
    PARTITION BY day, user_id, holder_id ORDER BY operation, problem) AS place
  FROM given WHERE NOT EXISTS (
    SELECT FROM usage_days AS kept
    WHERE kept.business_id = $1 AND kept.day = given.day
      AND kept.user_id = given.user_id AND kept.holder_id = given.holder_id
      AND kept.operation = given.operation AND kept.problem = given.problem
  )
), room AS (
  SELECT day, user_id, holder_id, {MOST_COUNTS} - (
    SELECT count(*) FROM usage_days AS kept
    WHERE kept.business_id = $1 AND kept.day = whose.day
      AND kept.user_id = whose.user_id AND kept.holder_id = whose.holder_id
  ) AS places
  FROM (SELECT DISTINCT day, user_id, holder_id FROM added) AS whose
), surplus AS (
  SELECT day, user_id, holder_id, operation, problem
  FROM added JOIN room USING (day, user_id, holder_id) WHERE place > places
), counted AS (
  INSERT INTO usage_days
    (business_id, day, user_id, holder_id, operation, problem, requests)
  SELECT $1, given.* FROM given
  WHERE (day, user_id, holder_id, operation, problem) NOT IN (SELECT * FROM surplus)
  ON CONFLICT (business_id, day, user_id, holder_id, operation, problem)
  DO UPDATE SET requests = usage_days.requests + excluded.requests
)
INSERT INTO recent_requests (business_id, id, at, user_id, holder_id, operation,
  status, problem, reason, detail, trace_id, milliseconds)
SELECT $1, given.* FROM unnest($8::text[], $9::timestamptz[], $10::text[],
  $11::text[], $12::text[], $13::smallint[], $14::text[], $15::text[], $16::text[],
  $17::text[], $18::real[]) AS given
WHERE EXISTS (SELECT FROM tenants WHERE business_id = $1 FOR KEY SHARE)
"""
_SWEEP_DAYS = "DELETE FROM usage_days WHERE business_id = $1 AND day <= $2"
_SWEEP_OLD = "DELETE FROM recent_requests WHERE business_id = $1 AND at <= $2"
_SWEEP_MANY = f"""
DELETE FROM recent_requests WHERE business_id = $1 AND id IN (
  SELECT placed.id FROM (
    SELECT id, {ENDED} AS ended, row_number() OVER (
      PARTITION BY holder_id, {ENDED} ORDER BY at DESC, id DESC) AS place
    FROM recent_requests WHERE business_id = $1
  ) AS placed
  WHERE placed.place > CASE placed.ended
    WHEN 'good' THEN {GOOD_KEPT} WHEN 'limited' THEN {LIMITED_KEPT}
    ELSE {FAILED_KEPT} END
)
"""

Part = tuple[Receipt, pb.CallerUsage]
# The key of a count: day, user and holder, for any number of receipts.
Whose = tuple[date, str, str]


async def record(database: Database, business_id: str, parts: Sequence[Part]) -> None:
    """Adds the counts of a tenant's callers, and remembers their requests."""
    counts = _counts(parts)
    requests = list(_requests(parts))
    if not counts and not requests:
        return
    counted = [(*key, counts[key]) for key in sorted(counts)]  # locked in one order
    columns = *_columns(counted, 6), *_columns(requests, 11)
    await database.run(_RECORD, business_id, *columns)


async def sweep(database: Database, business_id: str) -> None:
    """Deletes a tenant's old counts and requests, and requests over the limit."""
    oldest = today() - timedelta(days=DAYS_KEPT)
    await database.run(_SWEEP_DAYS, business_id, oldest)
    await database.run(_SWEEP_OLD, business_id, real_now() - REQUEST_DAYS * DAY)
    await database.run(_SWEEP_MANY, business_id)


def _counts(parts: Iterable[Part]) -> Counter[tuple[date, str, str, str, str]]:
    """Returns the counts by day, user, holder, operation and problem."""
    counts: Counter[tuple[date, str, str, str, str]] = Counter()
    sizes: Counter[Whose] = Counter()
    left = MOST_LOOKED_AT
    for receipt, part in parts:
        whose = _whose(receipt)
        told = part.counts[: min(MOST_COUNTS, left)]
        left -= len(told)
        for each in told:
            key = *whose, each.operation, each.problem
            if key not in counts:
                is_good = _is_named(each) and each.requests > 0
                if not is_good or sizes[whose] == MOST_COUNTS:
                    continue
                sizes[whose] += 1
            times = counts[key] + max(0, each.requests)
            counts[key] = min(times, MOST_TIMES)
    return counts


def _requests(parts: Iterable[Part]) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of requests to remember."""
    sizes: Counter[Whose] = Counter()
    for receipt, part in parts:
        whose = _whose(receipt)
        for each in part.requests[: MOST_REQUESTS - sizes[whose]]:
            sizes[whose] += 1
            if _is_request(each):
                yield _row(receipt, each)


def refusals(parts: Iterable[Part]) -> Iterator[Refusal]:
    """Yields the calls that an edge refused for want of a permission."""
    for receipt, part in parts:
        for each in part.requests[:MOST_REQUESTS]:
            refused_by = _REFUSED_BY.get(each.reason)
            if refused_by is not None and _is_request(each):
                missing = _PERMISSION.search(each.detail)
                yield Refusal(
                    receipt.business_id,
                    receipt.user_id,
                    receipt.holder_id,
                    operation=each.operation,
                    permission=missing[0] if missing else "",
                    refused_by=refused_by,
                    address=each.address,
                    trace_id=each.trace_id,
                )


def _whose(receipt: Receipt) -> Whose:
    return receipt.day, receipt.user_id, receipt.holder_id


def _is_request(each: pb.NotedRequest) -> bool:
    fits = _REASON.fullmatch(each.reason) and _TRACE.fullmatch(each.trace_id)
    if not fits or not _is_named(each) or not 100 <= each.status <= 599:
        return False
    return 0 <= each.milliseconds <= MOST_MILLISECONDS  # excludes NaN too


def _row(receipt: Receipt, each: pb.NotedRequest) -> tuple[Any, ...]:
    return (
        new_id("req_"),
        _moment(each),
        receipt.user_id,
        receipt.holder_id,
        each.operation,
        each.status,
        each.problem,
        each.reason,
        plain(each.detail, MOST_DETAIL),
        each.trace_id,
        each.milliseconds,
    )


def _is_named(each: pb.OperationCount | pb.NotedRequest) -> bool:
    operation, problem = each.operation, each.problem
    return bool(_OPERATION.fullmatch(operation) and _PROBLEM.fullmatch(problem))


def _moment(each: pb.NotedRequest) -> int:
    """Returns the time of a request. The edge's clock may be wrong by hours."""
    moment, said = real_now(), from_timestamp(each.at)
    return said if moment - DAY < said < moment + 60 * SECOND else moment


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    if not rows:
        return [[] for _ in range(width)]
    return list(zip(*rows, strict=True))
