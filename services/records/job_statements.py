"""All SQL that writes jobs.

A worker claims a job by a lease, and each step of the job renews it: who has lost the
lease writes nothing. Times are those of the database, which all workers share.
"""

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.postgres.sql_parts import later
from services.records.statements import insert_one_sql

# A step takes a tenth of a second at most. A worker that has not ended one for so long
# has ended itself.
LEASE_SECONDS = 3.0

_LEASED = f"now() + interval '{LEASE_SECONDS} seconds'"

# Values: business, id, kind, the record that it is about, the moment, the user, the
# task, the app or null.
BEGIN = insert_one_sql(
    "jobs",
    {
        "id": "$2",
        "kind": "$3::smallint",
        "state": str(int(pb.JOB_STATE_WAITING)),
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

# Takes the job of a tenant that is due for the longest. Values: business, the lease,
# the moment, whether only a job is wanted that was cancelled before it began.
CLAIM = f"""
UPDATE jobs AS r SET lease = $2, due_at = {_LEASED},
  state = greatest(r.state, {int(pb.JOB_STATE_RUNNING)}),
  started_at = coalesce(r.started_at, $3),
  version = r.version + (r.finished_at IS NULL)::int,
  updated_at = CASE WHEN r.finished_at IS NULL THEN {later("$3", "r.updated_at")}
    ELSE r.updated_at END
WHERE r.business_id = $1 AND r.id = (
  SELECT id FROM jobs WHERE business_id = $1 AND is_open AND due_at <= now()
    AND (NOT $4::boolean OR is_cancelled AND state = {int(pb.JOB_STATE_WAITING)})
  ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING r.id, r.kind
"""

# The job as its runner left it. What it does after its end is not seen.
# Values: business, id, the lease.
READ = """
SELECT state, task, progress, is_cancelled, failures, created_by, subject_id, problem,
  result
FROM jobs WHERE business_id = $1 AND id = $2 AND lease = $3 AND is_open FOR UPDATE
"""

# Values: business, id, the lease, task, progress, state, problem, result, the moment,
# whether it has ended, whether there is work left.
ADVANCE = f"""
UPDATE jobs AS r SET task = $4, progress = $5, state = $6, problem = $7, result = $8,
  updated_at = CASE WHEN r.finished_at IS NULL THEN {later("$9", "r.updated_at")}
    ELSE r.updated_at END,
  version = r.version + (r.finished_at IS NULL)::int, failures = 0,
  finished_at = CASE WHEN $10 THEN coalesce(r.finished_at, $9) END, is_open = $11,
  lease = CASE WHEN $11 THEN r.lease END, due_at = {_LEASED}
WHERE r.business_id = $1 AND r.id = $2 AND r.lease = $3
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

# A worker that ends leaves its jobs to the others. Values: business, id, the lease.
GIVE_BACK = """
UPDATE jobs SET lease = NULL, due_at = now()
WHERE business_id = $1 AND id = $2 AND lease = $3
"""

# Values: business, id, the moment.
CANCEL = f"""
UPDATE jobs AS r SET is_cancelled = true, version = r.version + 1,
  updated_at = {later("$3", "r.updated_at")}
WHERE r.business_id = $1 AND r.id = $2 AND NOT r.is_cancelled
  AND r.state <= {int(pb.JOB_STATE_RUNNING)}
"""

# Values: business, the moment before which a job ended that nobody asks for any more.
SWEEP = """
DELETE FROM jobs WHERE business_id = $1 AND finished_at < $2 AND NOT is_open
  AND deleted_at IS NULL
"""
