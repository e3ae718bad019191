"""What newer contracts would change of a tenant's requests: counted, and one of each.

Edges count it beside the usage. A report of an edge is trusted only as far as its
receipt goes: what does not have the form of our names, dates or trace ids is left out.
No value of a request is among it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from prospectconnect.iam.v1 import usage_pb2 as pb

from services.clock import DAY, SECOND, from_timestamp, real_now
from services.postgres.database import Database, Row
from services.sealed.receipts import Receipt, today

DAYS = 7
# In one report of an edge about a caller, and of one caller and day at about all.
MOST_TOUCHED, MOST_KEPT = 100, 300
MOST_TIMES, MOST_MEMBERS, MOST_LISTED = 1_000_000, 8, 500
_LARGEST = 2**31 - 1

_OPERATION = re.compile(r"[A-Z][A-Za-z]{1,63}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MEMBER = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_TRACE = re.compile(r"[0-9a-f]{32}")

_RECORD = f"""
INSERT INTO contract_touches (business_id, day, user_id, holder_id, operation, version,
  changed_by, requests, at, trace_id, members)
SELECT $1, told.day, told.user_id, told.holder_id, told.operation, told.version,
  told.changed_by, told.requests, told.at, told.trace_id,
  string_to_array(told.members, ',')
FROM unnest($2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::bigint[], $9::timestamptz[], $10::text[], $11::text[])
  AS told (day, user_id, holder_id, operation, version, changed_by, requests, at,
  trace_id, members)
WHERE (SELECT count(*) FROM contract_touches AS kept
  WHERE kept.business_id = $1 AND kept.day = told.day
    AND kept.user_id = told.user_id AND kept.holder_id = told.holder_id
) < {MOST_KEPT}
ON CONFLICT (business_id, day, user_id, holder_id, operation, version, changed_by)
DO UPDATE SET requests = contract_touches.requests + excluded.requests,
  at = excluded.at, trace_id = excluded.trace_id, members = excluded.members
"""
_SWEEP = "DELETE FROM contract_touches WHERE business_id = $1 AND day <= $2"
_FIRST = "(array_agg({0} ORDER BY at DESC, trace_id))[1]"
_READ = f"""
SELECT found.*, least(coalesce((
  SELECT sum(u.requests) FROM usage_days AS u
  WHERE u.business_id = $1 AND u.day > $2 AND u.user_id = found.user_id
    AND u.holder_id = found.holder_id AND u.operation = found.operation
), found.differs), {_LARGEST})::bigint
FROM (
  SELECT user_id, holder_id, operation,
    least(sum(requests), {_LARGEST})::bigint AS differs,
    {_FIRST.format("at")}, {_FIRST.format("version")}, {_FIRST.format("changed_by")},
    {_FIRST.format("trace_id")}, {_FIRST.format("array_to_string(members, ',')")}
  FROM contract_touches
  WHERE business_id = $1 AND day > $2 AND version < $3 AND changed_by <= $3
  GROUP BY user_id, holder_id, operation
  ORDER BY 4 DESC, operation, holder_id, user_id LIMIT {MOST_LISTED}
) AS found
ORDER BY found.differs DESC, found.operation, found.holder_id, found.user_id
"""

Part = tuple[Receipt, pb.CallerUsage]


async def record(database: Database, business_id: str, parts: Sequence[Part]) -> None:
    """Adds what edges have counted of a tenant's callers."""
    rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for key, values in _told(parts):
        requests = rows[key][0] if key in rows else 0
        rows[key] = (min(requests + values[0], MOST_TIMES), *values[1:])
    if rows:
        told = [(*key, *rows[key]) for key in sorted(rows)]  # locked in one order
        await database.run(_RECORD, business_id, *map(list, zip(*told, strict=True)))


async def sweep(database: Database, business_id: str) -> None:
    """Deletes what no report counts any more."""
    await database.run(_SWEEP, business_id, today() - timedelta(days=DAYS))


async def read(database: Database, business_id: str, contract: str) -> list[Row]:
    """What a contract would change, by user, holder and operation.

    Each row has these, how many requests would differ, of the latest one the time,
    its contract, the first contract that changes it, its trace id and the names of its
    members between commas, and how many requests there were.
    """
    since = today() - timedelta(days=DAYS)
    return await database.rows(_READ, business_id, since, contract)


def _told(
    parts: Iterable[Part],
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    for receipt, part in parts:
        whose = receipt.day, receipt.user_id, receipt.holder_id
        for each in part.touched[:MOST_TOUCHED]:
            if _is_good(each):
                key = *whose, each.operation, each.version, each.changed_by
                members = ",".join(each.members[:MOST_MEMBERS])
                times = min(each.requests, MOST_TIMES)
                yield key, (times, _moment(each), each.trace_id, members)


def _is_good(each: pb.TouchedCount) -> bool:
    return bool(
        each.requests > 0
        and _OPERATION.fullmatch(each.operation)
        and _DATE.fullmatch(each.version)
        and _DATE.fullmatch(each.changed_by)
        and each.version < each.changed_by
        and _TRACE.fullmatch(each.trace_id)
        and all(map(_MEMBER.fullmatch, each.members[:MOST_MEMBERS]))
    )


def _moment(each: pb.TouchedCount) -> int:
    """When it was. The edge's clock may be wrong by hours."""
    moment, said = real_now(), from_timestamp(each.at)
    return said if moment - DAY < said < moment + 60 * SECOND else moment
