"""The statements of the queue of mail.

A process has a mail by a lease, until `due_at`. Each write checks the lease: who has
lost it writes nothing. Times are as far ahead of the database's as the clock of their
tenant.
"""

from services.clock import ahead_sql

QUEUED, TAKEN, GOING = 1, 2, 3
SENT, BOUNCED, UNCERTAIN, FAILED, REFUSED = 4, 5, 6, 7, 8
# Mail that verifies a sender does not wait for hours or for the next day.
VERIFICATION = 1

# A process has a mail for so long before its last byte, and so long after it.
LEASE_SECONDS = 180
# Senders of all tenants that are looked at at a time; the others follow.
_MOST_FOUND = 256

_OPEN = f"state <= {GOING}"
_AHEAD = "n.clock_ahead * interval '1 microsecond'"

# Senders with mail that is due: the tenants take turns.
FIND = f"""
SELECT s.business_id, s.id, n.clock_ahead FROM senders AS s
JOIN tenants AS n ON n.business_id = s.business_id
LEFT JOIN sender_queues AS q ON q.business_id = s.business_id AND q.sender_id = s.id
WHERE EXISTS (SELECT FROM mails AS m
  WHERE m.business_id = s.business_id AND m.sender_id = s.id AND m.{_OPEN}
  AND m.due_at <= now() + {_AHEAD}
  AND (m.kind = {VERIFICATION} OR m.state <> {QUEUED} OR q.rests_until IS NULL
    OR q.rests_until <= now() + {_AHEAD}))
ORDER BY row_number() OVER (PARTITION BY s.business_id ORDER BY random()), random()
LIMIT {_MOST_FOUND}
"""

# Values: business, id, sender, kind, record, when it is due (null: now), how far ahead
# the clock is, the topic or null.
ADD = f"""
WITH queue AS (
  INSERT INTO sender_queues (business_id, sender_id, day)
  VALUES ($1, $3, ({ahead_sql(7)} AT TIME ZONE 'UTC')::date)
  ON CONFLICT DO NOTHING
)
INSERT INTO mails (business_id, id, sender_id, kind, record_id, topic_id, state,
  due_at, created_at)
VALUES ($1, $2, $3, $4, $5, $8, {QUEUED}, coalesce($6, {ahead_sql(7)}), {ahead_sql(7)})
"""

# Mail whose process has died after its last byte. Values: business, sender, how far
# ahead the clock is.
LOST = f"""
SELECT id, kind, record_id, lease FROM mails
WHERE business_id = $1 AND sender_id = $2 AND state = {GOING}
  AND due_at <= {ahead_sql(3)}
FOR UPDATE SKIP LOCKED
"""
# Takes mail that is due. Values: business, sender, the lease, how much, how far ahead
# the clock is.
CLAIM = f"""
WITH due AS (
  SELECT m.id FROM mails AS m
  LEFT JOIN sender_queues AS q ON q.business_id = $1 AND q.sender_id = $2
  WHERE m.business_id = $1 AND m.sender_id = $2 AND m.{_OPEN}
    AND m.state IN ({QUEUED}, {TAKEN}) AND m.due_at <= {ahead_sql(5)}
    AND (m.kind = {VERIFICATION} OR q.rests_until IS NULL
      OR q.rests_until <= {ahead_sql(5)})
  ORDER BY m.due_at, m.id LIMIT $4 FOR UPDATE OF m SKIP LOCKED
)
UPDATE mails AS m SET state = {TAKEN}, lease = $3,
  due_at = {ahead_sql(5)} + interval '{LEASE_SECONDS} seconds'
FROM due WHERE m.business_id = $1 AND m.id = due.id
RETURNING m.id, m.kind, m.record_id, m.attempts, m.begun_at, m.created_at
"""

# A sender as of one moment. Values: business, sender.
SENDER = """
SELECT s.address, s.name, s.smtp, s.dkim, s.daily_limit, s.version,
  s.verified_at IS NOT NULL AS is_verified, x.password, x.private_key, q.day, q.sent,
  h.time_zone, h.intervals, h.overrides, n.sandbox_of IS NOT NULL AS is_sandbox,
  n.name AS business_name
FROM senders AS s
JOIN tenants AS n ON n.business_id = s.business_id
LEFT JOIN sender_secrets AS x ON x.business_id = $1 AND x.sender_id = s.id
LEFT JOIN sender_queues AS q ON q.business_id = $1 AND q.sender_id = s.id
LEFT JOIN schedules AS h ON h.business_id = $1 AND h.id = s.schedule_id
  AND h.deleted_at IS NULL
WHERE s.business_id = $1 AND s.id = $2 AND s.deleted_at IS NULL
"""

# The sender's queue rests. Values: business, sender, until when.
REST = """
UPDATE sender_queues SET rests_until = $3 WHERE business_id = $1 AND sender_id = $2
"""

# Whether the sender is as it was read. Values: business, sender, its version.
SAME_SENDER = """
SELECT FROM senders WHERE business_id = $1 AND id = $2 AND version = $3
  AND deleted_at IS NULL FOR SHARE
"""
# The mail goes now. Values: business, id, the lease, how far ahead the clock is.
GO = f"""
UPDATE mails SET state = {GOING},
  due_at = {ahead_sql(4)} + interval '{LEASE_SECONDS} seconds'
WHERE business_id = $1 AND id = $2 AND lease = $3 AND state = {TAKEN}
"""
# Counts a mail of a day, unless there are too many. Values: business, sender, the day,
# the most of a day.
COUNT = """
UPDATE sender_queues SET sent = CASE WHEN day = $3 THEN sent + 1 ELSE 1 END, day = $3
WHERE business_id = $1 AND sender_id = $2 AND (day <> $3 OR sent < $4)
"""
# One that was counted did not go. Values: business, sender, the day.
UNCOUNT = """
UPDATE sender_queues SET sent = sent - 1
WHERE business_id = $1 AND sender_id = $2 AND day = $3 AND sent > 0
"""

# Values: business, id, the lease, when it is due, when the first attempt began, how
# many attempts count, code, reason.
WAIT = f"""
UPDATE mails SET state = {QUEUED}, lease = NULL, due_at = $4,
  begun_at = coalesce(begun_at, $5), attempts = attempts + $6, code = $7, reason = $8
WHERE business_id = $1 AND id = $2 AND lease = $3 AND {_OPEN}
"""
# Values: business, id, the lease, the state, code, reason, when it ended, how many
# attempts count.
END = f"""
UPDATE mails SET state = $4, lease = NULL, code = $5, reason = $6, ended_at = $7,
  attempts = attempts + $8
WHERE business_id = $1 AND id = $2 AND lease = $3 AND {_OPEN}
"""

# Ends mail of a record that nobody has taken. Values: business, the record, when.
WITHDRAW = f"""
UPDATE mails SET state = {REFUSED}, reason = 'cancelled', ended_at = $3, lease = NULL
WHERE business_id = $1 AND record_id = $2 AND (state = {QUEUED}
  OR state = {TAKEN})
RETURNING id
"""

# How many mails of a kind about records of one sender were made since a moment, and
# how many of all senders. Values: business, kind, sender, the moment.
MADE = """
SELECT count(*) FILTER (WHERE sender_id = $3), count(*) FROM mails
WHERE business_id = $1 AND kind = $2 AND created_at > $4
"""

# How many mails of all tenants wait that are due, and for how long the oldest does.
WAITING = f"""
SELECT count(*), coalesce(extract(epoch FROM max(now() + {_AHEAD} - m.due_at)), 0)
FROM mails AS m JOIN tenants AS n ON n.business_id = m.business_id
WHERE m.{_OPEN} AND m.state = {QUEUED} AND m.due_at <= now() + {_AHEAD}
"""

# Values: business, the moment before which mail ended that is kept no longer.
SWEEP = f"""
DELETE FROM mails WHERE business_id = $1 AND ended_at < $2 AND NOT ({_OPEN})
"""
