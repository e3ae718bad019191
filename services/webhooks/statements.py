"""The statements of webhooks, but for those of the record itself."""

from prospectconnect.events.v1.webhooks_pb2 import (
    DELIVERY_STATE_DELIVERED,
    DELIVERY_STATE_GIVEN_UP,
    DELIVERY_STATE_PENDING,
)

from services.changes.order import HORIZON
from services.clock import ahead_sql

# A position after all that has happened (`Position.text`).
_NOW = f"{HORIZON}::text || ' ' || $3"

BEGIN = f"""
INSERT INTO webhook_queues (business_id, webhook_id, position, due_at, secrets)
VALUES ($1, $2, {_NOW}, now(), $4)
"""
# More gaps than these become one with the last.
_MOST_GAPS = 100
# What happened before a webhook was switched off is still sent. What of it was not read
# is between its position and the gap, which begins after all that has been committed.
STOP = f"""
UPDATE webhook_queues SET gaps = CASE
  WHEN jsonb_array_length(gaps) < {_MOST_GAPS} THEN gaps || jsonb_build_array(
    jsonb_build_array(pg_snapshot_xmax(pg_current_snapshot())::text, NULL))
  ELSE jsonb_set(gaps, '{{-1,1}}', 'null') END
WHERE business_id = $1 AND webhook_id = $2
"""
# What happened while it was off is not sent. Values: business, webhook, the rest of a
# position.
GO_ON = f"""
UPDATE webhook_queues SET failing_since = NULL,
  position = CASE WHEN gaps = '[]' THEN {_NOW} ELSE position END,
  gaps = CASE WHEN gaps = '[]' THEN gaps
    ELSE jsonb_set(gaps, '{{-1,1}}', to_jsonb({_NOW})) END
WHERE business_id = $1 AND webhook_id = $2
"""
FORGET = "DELETE FROM webhook_queues WHERE business_id = $1 AND webhook_id = $2"

SAME = """
SELECT id FROM webhooks WHERE business_id = $1 AND coalesce(client_id, '') = $2
  AND url = $3 AND deleted_at IS NULL
"""
# Those of an app. Values: business, the webhooks, the app.
OF_APP = """
SELECT id FROM webhooks
WHERE business_id = $1 AND id = ANY($2::text[]) AND client_id = $3
"""
OF_APP_USED = """
SELECT count(*) FROM webhooks
WHERE business_id = $1 AND client_id = $2 AND deleted_at IS NULL
"""
# The replays that have not ended, of a webhook and of the tenant. Values: business, the
# webhook, the kind of job.
REPLAYS = """
SELECT count(*) FILTER (WHERE subject_id = $2), count(*) FROM jobs
WHERE business_id = $1 AND kind = $3::smallint AND is_open
"""

# More are not counted.
MOST_COUNTED = 1_000_000

STATISTICS = f"""
SELECT q.webhook_id, p.pending, p.oldest, least(q.delivered, {MOST_COUNTED}) AS
  delivered, least(q.given_up, {MOST_COUNTED}) AS given_up, q.failing_since,
  q.last_success_at, q.last_failure_at
FROM webhook_queues AS q, LATERAL (
  SELECT count(*) AS pending, min(d.change_at) AS oldest FROM deliveries AS d
  WHERE d.business_id = $1 AND d.webhook_id = q.webhook_id
    AND d.state = {DELIVERY_STATE_PENDING}
) AS p
WHERE q.business_id = $1 AND q.webhook_id = ANY($2::text[])
"""

SECRETS = """
SELECT secrets FROM webhook_queues WHERE business_id = $1 AND webhook_id = $2 FOR UPDATE
"""
READ_SECRETS = """
SELECT secrets FROM webhook_queues WHERE business_id = $1 AND webhook_id = $2
"""
ALL_SECRETS = """
SELECT webhook_id, secrets FROM webhook_queues WHERE business_id = $1 FOR UPDATE
"""
ROTATE = """
UPDATE webhook_queues SET secrets = $3 WHERE business_id = $1 AND webhook_id = $2
"""

_DELIVERY = (
    "id, change_id, change_type, resource, record_id, record_version, change_at, state,"
    " due_at, attempts, created_at, ended_at"
)
# Values: business, webhook, states, types and record or null for all, from, to, the
# last of the page before, how many.
_FOUND = """
FROM deliveries WHERE business_id = $1 AND webhook_id = $2
  AND ($3::smallint[] IS NULL OR state = ANY($3))
  AND ($4::text[] IS NULL OR change_type = ANY($4))
  AND ($5::text IS NULL OR record_id = $5)
  AND change_at >= coalesce($6::timestamptz, '-infinity')
  AND change_at < coalesce($7::timestamptz, 'infinity')
"""
SEARCH = f"""
SELECT {_DELIVERY} {_FOUND}
  AND (change_at, id) < (coalesce($8::timestamptz, 'infinity'), $9::text)
ORDER BY change_at DESC, id DESC LIMIT $10
"""
COUNT = f"SELECT count(*) {_FOUND}"


def _again(ahead: int) -> str:
    """SQL that lets a delivery be sent now. `ahead` is the number of that value."""
    moment = ahead_sql(ahead)
    return f"""state = {DELIVERY_STATE_PENDING}, due_at = {moment},
  begun_at = {moment}, attempt_count = 0, ended_at = NULL"""


# The attempts of before are still told, but do not count.
REDELIVER = f"""
UPDATE deliveries SET {_again(4)}
WHERE business_id = $1 AND webhook_id = $2 AND id = $3
RETURNING {_DELIVERY}
"""
# What of the same record comes before it is sent now, too. Values: as above.
HASTEN = f"""
UPDATE deliveries AS d SET due_at = {ahead_sql(4)} FROM deliveries AS given
WHERE given.business_id = $1 AND given.webhook_id = $2 AND given.id = $3
  AND d.business_id = $1 AND d.webhook_id = $2 AND d.record_id = given.record_id
  AND d.state = {DELIVERY_STATE_PENDING} AND d.due_at > {ahead_sql(4)}
"""
# What waits for another change of its record need wait no longer.
RELEASE = f"""
UPDATE deliveries SET due_at = {ahead_sql(3)}, begun_at = {ahead_sql(3)}
WHERE business_id = $1 AND webhook_id = $2 AND state = {DELIVERY_STATE_PENDING}
  AND due_at IS NULL
"""
WAKE = """
UPDATE webhook_queues SET due_at = least(due_at, now())
WHERE business_id = $1 AND webhook_id = $2
"""
# What waits for a webhook stays: others of its record may wait for it.
SWEEP = f"""
DELETE FROM deliveries AS d WHERE d.business_id = $1 AND d.change_at < $2
  AND (d.state <> {DELIVERY_STATE_PENDING} OR NOT EXISTS (
    SELECT FROM webhook_queues AS q
    WHERE q.business_id = $1 AND q.webhook_id = d.webhook_id))
"""

# Values: business, webhook, from, to, types, how many, how far ahead the clock is.
REPLAY_FAILED = f"""
UPDATE deliveries SET {_again(7)}
WHERE business_id = $1 AND id = ANY(ARRAY(
  SELECT id FROM deliveries WHERE business_id = $1 AND webhook_id = $2
    AND change_at >= $3 AND change_at < $4 AND change_type = ANY($5::text[])
    AND state = {DELIVERY_STATE_GIVEN_UP}
  ORDER BY change_at, id LIMIT $6 FOR UPDATE
))
RETURNING id
"""
# Values: business, webhook, whether what was delivered is left out, then the columns,
# and how far ahead the clock is.
REPLAY = f"""
INSERT INTO deliveries (business_id, webhook_id, state, due_at, created_at, begun_at,
  id, change_id, change_type, resource, record_id, record_version, change_at)
SELECT $1, $2, {DELIVERY_STATE_PENDING}, {ahead_sql(11)}, {ahead_sql(11)},
  {ahead_sql(11)}, made.*
FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[],
  $10::timestamptz[]) AS made
ON CONFLICT (business_id, webhook_id, change_id) DO UPDATE SET {_again(11)}
WHERE deliveries.state = {DELIVERY_STATE_GIVEN_UP}
  OR (deliveries.state = {DELIVERY_STATE_DELIVERED} AND NOT $3::boolean)
RETURNING deliveries.id
"""
