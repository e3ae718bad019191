"""The statements of deliveries.

Each write of a process that serves a webhook checks its lease and renews it: who has
lost it writes nothing. Times are those of the database, which all processes share, and
those of deliveries are as far ahead of it as the clock of their tenant.
"""

from prospectconnect.events.v1 import webhooks_pb2 as pb

from services.changes.order import HORIZON
from services.clock import ahead_sql

PENDING = int(pb.DELIVERY_STATE_PENDING)
DELIVERED = int(pb.DELIVERY_STATE_DELIVERED)
GIVEN_UP = int(pb.DELIVERY_STATE_GIVEN_UP)

# Who serves a webhook renews its lease once a second. Who has not done so for so long
# has ended.
LEASE_SECONDS = 3.0
# Webhooks that may be claimed at a time; the others follow.
_MOST_FOUND = 256

_LEASED = f"now() + interval '{LEASE_SECONDS} seconds'"
_IS_FREE = "(q.leased_until IS NULL OR q.leased_until <= now())"
_HAS_NEWS = f"""EXISTS (SELECT FROM changes AS c WHERE c.business_id = q.business_id
    AND c.xid >= split_part(q.position, ' ', 1)::xid8 AND c.xid < {HORIZON})"""
_HAS_DUE = f"""EXISTS (SELECT FROM deliveries AS d
    WHERE d.business_id = q.business_id AND d.webhook_id = q.webhook_id
    AND d.state = {PENDING}
    AND d.due_at <= now() + n.clock_ahead * interval '1 microsecond')"""

# The webhooks of all tenants with something to do that nobody serves: the tenants take
# turns.
FIND = f"""
SELECT q.business_id, q.webhook_id FROM webhook_queues AS q
JOIN webhooks AS w ON w.business_id = q.business_id AND w.id = q.webhook_id
JOIN tenants AS n ON n.business_id = q.business_id
WHERE w.active AND w.deleted_at IS NULL AND {_IS_FREE} AND q.due_at <= now()
  AND ({_HAS_NEWS} OR {_HAS_DUE})
ORDER BY row_number() OVER (PARTITION BY q.business_id ORDER BY q.leased_until
  NULLS FIRST, q.webhook_id), random() LIMIT {_MOST_FOUND}
"""

# What the webhook is, as its record has it.
_WEBHOOK = """w.url, w.types, w.filters, w.include, w.contract,
  coalesce(w.ordered, true) AS is_ordered, w.version, w.created_by, w.client_id,
  w.token_id, q.position, q.gaps, q.secrets"""
# One that nobody claims. Values: business, webhook.
READ = f"""
SELECT {_WEBHOOK} FROM webhook_queues AS q
JOIN webhooks AS w ON w.business_id = $1 AND w.id = $2 AND w.deleted_at IS NULL
WHERE q.business_id = $1 AND q.webhook_id = $2
"""

# Values: business, webhook, the lease.
CLAIM = f"""
UPDATE webhook_queues AS q SET lease = $3, leased_until = {_LEASED}
FROM webhooks AS w
WHERE q.business_id = $1 AND q.webhook_id = $2 AND {_IS_FREE}
  AND w.business_id = $1 AND w.id = $2 AND w.active AND w.deleted_at IS NULL
RETURNING {_WEBHOOK}
"""
# Answers whether it is still the same record. Values: business, webhook, the lease, the
# version of the record.
RENEW = f"""
UPDATE webhook_queues AS q SET leased_until = {_LEASED}
WHERE q.business_id = $1 AND q.webhook_id = $2 AND q.lease = $3
RETURNING q.secrets, EXISTS (SELECT FROM webhooks AS w WHERE w.business_id = $1
  AND w.id = $2 AND w.version = $4 AND w.active AND w.deleted_at IS NULL) AS is_same
"""
# Values: business, webhook, the lease, in how many seconds it may be claimed again.
GIVE_BACK = """
UPDATE webhook_queues SET lease = NULL, leased_until = NULL,
  due_at = CASE WHEN $4 > 0 THEN now() + make_interval(secs => $4) ELSE due_at END
WHERE business_id = $1 AND webhook_id = $2 AND lease = $3
"""


def _mine(also: str = "") -> str:
    """The part that checks the lease, renews it, and writes what else is given."""
    return f"""mine AS (
  UPDATE webhook_queues SET leased_until = {_LEASED}{also}
  WHERE business_id = $1 AND webhook_id = $2 AND lease = $3
  RETURNING failing_since
)"""


# Leaves out the first gap, in which the webhook was off. Values: business, webhook, the
# lease, the place where the gap begins. Answers the position behind it.
SKIP = f"""
UPDATE webhook_queues SET leased_until = {_LEASED}, gaps = gaps - 0,
  position = gaps -> 0 ->> 1
WHERE business_id = $1 AND webhook_id = $2 AND lease = $3
  AND gaps -> 0 ->> 0 = $4 AND gaps -> 0 ->> 1 IS NOT NULL
RETURNING position
"""
FORGET_GAPS = """
UPDATE webhook_queues SET gaps = '[]'
WHERE business_id = $1 AND webhook_id = $2 AND lease = $3
"""

_COLUMNS = """id, change_id, record_id, record_version, change_at, attempt_count,
  begun_at"""
_OF_DELIVERY = ", ".join(f"d.{name.strip()}" for name in _COLUMNS.split(","))

# Takes the changes of a page, and goes on behind them. Where the webhook is ordered,
# one waits whose record has another that has not ended. Values: business, webhook, the
# lease, the position after the page; ids, ids of the changes, their types, resources,
# records, versions and moments; whether another of the page is before it; whether the
# webhook is ordered; how far ahead the clock is. Answers those to send now.
TAKE = f"""
WITH {_mine(", position = $4")},
made AS (
  INSERT INTO deliveries (business_id, webhook_id, id, change_id, change_type, resource,
    record_id, record_version, change_at, state, due_at, created_at, begun_at)
  SELECT $1, $2, n.id, n.change_id, n.change_type, n.resource, n.record_id, n.version,
    n.at, {PENDING}, CASE WHEN $13::boolean AND (n.follows OR EXISTS (
      SELECT FROM deliveries AS p WHERE p.business_id = $1 AND p.webhook_id = $2
        AND p.record_id = n.record_id AND p.state = {PENDING}))
    THEN NULL ELSE {ahead_sql(14)} END, {ahead_sql(14)}, {ahead_sql(14)}
  FROM mine, unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::integer[], $11::timestamptz[], $12::boolean[])
    AS n (id, change_id, change_type, resource, record_id, version, at, follows)
  ON CONFLICT DO NOTHING RETURNING id, due_at, begun_at
)
SELECT (SELECT count(*) FROM mine), made.id, made.begun_at
FROM (VALUES (1)) AS one (n) LEFT JOIN made ON made.due_at IS NOT NULL
"""
_DUE = f"""
  d.business_id = $1 AND d.webhook_id = $2 AND d.state = {PENDING}
  AND d.due_at <= {ahead_sql(7)} AND NOT d.id = ANY($4::text[])"""
# What is due. Where the webhook is ordered, one waits whose record has an earlier one
# that has not ended: somebody may have wanted several to be sent again. Values:
# business, webhook, the lease, ids that are in hand, how many, whether it is ordered,
# how far ahead the clock is.
DUE = f"""
WITH mine AS (
  SELECT FROM webhook_queues
  WHERE business_id = $1 AND webhook_id = $2 AND lease = $3 FOR UPDATE
),
waiting AS (
  UPDATE deliveries AS d SET due_at = NULL FROM mine
  WHERE $6::boolean AND {_DUE} AND EXISTS (
    SELECT FROM deliveries AS p WHERE p.business_id = $1 AND p.webhook_id = $2
      AND p.state = {PENDING} AND p.record_id = d.record_id
      AND p.record_version < d.record_version)
  RETURNING d.id
)
SELECT {_OF_DELIVERY} FROM deliveries AS d, mine WHERE {_DUE}
  AND NOT d.id IN (SELECT id FROM waiting)
ORDER BY d.due_at, d.change_at, d.id LIMIT $5
"""
# How many wait that nothing is done about now. Values: business, webhook, the most.
BACKLOG = f"""
SELECT count(*) FROM (SELECT FROM deliveries WHERE business_id = $1 AND webhook_id = $2
  AND state = {PENDING} LIMIT $3) AS d
"""

_COUNTED = f""", delivered = delivered + $9, given_up = given_up + $10,
  last_success_at = CASE WHEN $11 THEN {ahead_sql(13)} ELSE last_success_at END,
  last_failure_at = CASE WHEN $12 THEN {ahead_sql(13)} ELSE last_failure_at END,
  failing_since = CASE WHEN $11 THEN NULL WHEN $12 THEN coalesce(failing_since,
    {ahead_sql(13)}) ELSE failing_since END"""
# Writes what came of attempts. What waited for those that have ended is due now.
# Values: business, webhook, the lease; ids, states, when they are due, attempts, how
# many there were; how many were delivered and given up, whether one succeeded and one
# failed; how far ahead the clock is. Answers what is due now.
SETTLE = f"""
WITH {_mine(_COUNTED)},
written AS (
  UPDATE deliveries AS d SET state = o.state, due_at = o.due_at,
    attempts = d.attempts || o.attempt, attempt_count = d.attempt_count + o.made,
    ended_at = CASE WHEN o.state <> {PENDING} THEN {ahead_sql(13)} END
  FROM mine, unnest($4::text[], $5::smallint[], $6::timestamptz[], $7::jsonb[],
    $8::integer[]) AS o (id, state, due_at, attempt, made)
  WHERE d.business_id = $1 AND d.id = o.id AND d.state = {PENDING}
  RETURNING d.id, d.record_id, d.state
),
released AS (
  UPDATE deliveries AS d SET due_at = {ahead_sql(13)} FROM (
    SELECT DISTINCT ON (p.record_id) p.id FROM deliveries AS p
    WHERE p.business_id = $1 AND p.webhook_id = $2 AND p.state = {PENDING}
      AND p.record_id IN (SELECT record_id FROM written WHERE state <> {PENDING})
      AND NOT p.id = ANY($4::text[])
    ORDER BY p.record_id, p.record_version
  ) AS n WHERE d.business_id = $1 AND d.id = n.id AND d.due_at IS NULL
  RETURNING {_OF_DELIVERY}
)
SELECT (SELECT count(*) FROM mine), (SELECT failing_since FROM mine),
  released.* FROM (VALUES (1)) AS one (n) LEFT JOIN released ON true
"""

# How many deliveries of all tenants wait, and for how many seconds the oldest does.
WAITING = f"""
SELECT count(*), coalesce(extract(epoch FROM
  now() - min(d.change_at - n.clock_ahead * interval '1 microsecond')), 0)
FROM deliveries AS d
JOIN webhooks AS w ON w.business_id = d.business_id AND w.id = d.webhook_id
JOIN tenants AS n ON n.business_id = d.business_id
WHERE d.state = {PENDING} AND w.active AND w.deleted_at IS NULL
"""
