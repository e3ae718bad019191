"""All SQL that writes jobs.

A worker claims a job by a lease, and each step of the job renews it: who has lost the
lease writes nothing. Times are those of the database, which all workers share.
"""

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.postgres.sql_parts import later
from services.records.log.job_changes import (
    logged_change,
    logged_creation,
    returned,
    told_of,
)
from services.records.log.statements import moment_sql
from services.records.statements import insert_one_sql

# A step takes a tenth of a second at most. A worker that has not ended one for so long
# has ended itself.
LEASE_SECONDS = 3.0

_LEASED = f"now() + interval '{LEASE_SECONDS} seconds'"
_WAITING, _RUNNING = int(pb.JOB_STATE_WAITING), int(pb.JOB_STATE_RUNNING)

_BEGUN = insert_one_sql(
    "jobs",
    {
        "id": "$2",
        "kind": "$3::smallint",
        "state": str(_WAITING),
        "subject_id": "$4",
        "progress": "'{}'::jsonb",
        "created_at": "$5::timestamptz",
        "updated_at": "$5::timestamptz",
        "created_by": "$6",
        "task": "$7::jsonb",
        "client_id": "$8",
        "due_at": "now()",
    },
)
# Values: business, id, kind, the record that it is about, the moment, the user, the
# task, the app or null, who begins it as the log tells it.
BEGIN = (
    f"WITH record AS ({_BEGUN}, {returned().removeprefix('id, ')}),"
    f" told AS ({logged_creation('$9::text')}) SELECT id FROM record"
)

_BEGINS = f"r.state = {_WAITING} AND NOT r.is_cancelled"
_WAS_WAITING = f"jsonb_build_object('state', {_WAITING}, 'started_at', NULL)"
_STARTED = moment_sql("record.started_at")
# The state before, of the row that this statement found: another one may have begun it
# since, and told so.
_WAS = "(SELECT o.state FROM jobs AS o WHERE o.business_id = $1 AND o.id = record.id)"

# Takes the job of a tenant that is due for the longest. One that was cancelled before
# it began never runs. Values: business, the lease, the moment, whether only a job is
# wanted that was cancelled before it began.
CLAIM = f"""
WITH record AS (
  UPDATE jobs AS r SET lease = $2, due_at = {_LEASED},
    state = CASE WHEN {_BEGINS} THEN {_RUNNING} ELSE r.state END,
    started_at = CASE WHEN {_BEGINS} THEN {later("$3", "r.updated_at")}
      ELSE r.started_at END,
    version = r.version + ({_BEGINS})::int,
    updated_at = CASE WHEN {_BEGINS} THEN {later("$3", "r.updated_at")}
      ELSE r.updated_at END
  WHERE r.business_id = $1 AND r.id = (
    SELECT id FROM jobs WHERE business_id = $1 AND is_open AND due_at <= now()
      AND (NOT $4::boolean OR is_cancelled AND state = {_WAITING})
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING {returned()}
), told AS ({
    logged_change(
        _WAS_WAITING,
        f"jsonb_build_object('state', record.state, 'started_at', {_STARTED})",
        f"record.state = {_RUNNING} AND {_WAS} = {_WAITING} ON CONFLICT DO NOTHING",
    )
}) SELECT id, kind FROM record
"""

# The job as its runner left it: `progress` after the last step, `shown` as it was told,
# for so many seconds by now. Values: business, id, the lease.
READ = """
SELECT state, task, is_cancelled, failures, created_by, subject_id, problem, result,
  CASE WHEN (counted ->> 'version')::int = version THEN counted - 'version'
    ELSE progress END AS progress, progress AS shown, finished_at, updated_at,
  (SELECT n.clock_ahead FROM tenants AS n WHERE n.business_id = $1) AS clock_ahead
FROM jobs WHERE business_id = $1 AND id = $2 AND lease = $3 AND is_open FOR UPDATE
"""

# What clients see of a job changes, and is told, if the last value is true. Values:
# business, id, the lease, task, progress, state, problem, result, the moment, whether
# it has ended, whether there is work left, whether to tell.
ADVANCE = f"""
WITH record AS (
  UPDATE jobs AS r SET task = $4, state = $6, problem = $7, result = $8,
    progress = CASE WHEN $12 THEN $5::jsonb ELSE r.progress END,
    counted = $5::jsonb || jsonb_build_object('version', r.version + $12::boolean::int),
    updated_at = CASE WHEN $12 THEN {later("$9", "r.updated_at")}
      ELSE r.updated_at END,
    version = r.version + $12::boolean::int, failures = 0,
    finished_at = CASE WHEN $10 THEN coalesce(r.finished_at, {
    later("$9", "r.updated_at")
}) END,
    is_open = $11, lease = CASE WHEN $11 THEN r.lease END, due_at = {_LEASED}
  WHERE r.business_id = $1 AND r.id = $2 AND r.lease = $3 RETURNING {returned()}
), told AS ({
    logged_change(
        f"(SELECT {told_of('o')} FROM jobs AS o"
        " WHERE o.business_id = $1 AND o.id = $2)",
        told_of("record"),
        "$12",
    )
}) SELECT count(*) FROM record
"""

# A step failed: the job may be claimed again after a pause, longer each time. Values:
# business, id, the lease.
PUT_OFF = """
UPDATE jobs SET failures = failures + 1, lease = NULL,
  due_at = now() + least(60, 0.25 * power(2, failures)) * interval '1 second'
WHERE business_id = $1 AND id = $2 AND lease = $3
"""

# Something outside is not there: the job may be claimed again in some seconds. Values:
# business, id, the lease.
WAIT = """
UPDATE jobs SET lease = NULL, due_at = now() + interval '5 seconds'
WHERE business_id = $1 AND id = $2 AND lease = $3
"""

# Nothing is to do for a job for some seconds. Values: business, id, the lease, these.
REST = """
UPDATE jobs SET lease = NULL, due_at = now() + make_interval(secs => $4)
WHERE business_id = $1 AND id = $2 AND lease = $3
"""

# A worker that ends leaves its jobs to the others. Values: business, id, the lease.
GIVE_BACK = """
UPDATE jobs SET lease = NULL, due_at = now()
WHERE business_id = $1 AND id = $2 AND lease = $3
"""

# One that nobody runs just now need not wait for its time. Values: business, id.
CANCEL = f"""
UPDATE jobs SET is_cancelled = true,
  due_at = CASE WHEN lease IS NULL THEN least(due_at, now()) ELSE due_at END
WHERE business_id = $1 AND id = $2 AND NOT is_cancelled AND state <= {_RUNNING}
"""

# Values: business, the moment before which a job ended that nobody asks for any more.
SWEEP = """
DELETE FROM jobs WHERE business_id = $1 AND finished_at < $2 AND NOT is_open
  AND deleted_at IS NULL
"""

# Forgets how far a job was between its begin and its end: nobody asks for it any more.
# Values: business, the moment before which the job ended.
FORGET_PROGRESS = """
WITH ended AS (
  UPDATE jobs SET counted = NULL WHERE business_id = $1 AND id IN (
    SELECT id FROM jobs WHERE business_id = $1 AND finished_at < $2
      AND NOT is_open AND counted IS NOT NULL LIMIT 100
  ) RETURNING id
)
DELETE FROM changes AS c USING ended AS e
WHERE c.business_id = $1 AND c.record_id = e.id AND c.object = 'jobs'
  AND c.was -> 'state' = c.now -> 'state'
"""
