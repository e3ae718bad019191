"""The SQL of exports besides that of records: what their jobs note, and their end."""

from prospectconnect.jobs.v1 import jobs_pb2 as jobs

from services.postgres.sql_parts import later

# What a job writes. Values: business, the export, the state, the problem, the result,
# when the files expire, the moment.
ADVANCE = f"""
UPDATE exports AS r SET state = $3::smallint, problem = $4::jsonb, result = $5::jsonb,
  expires_at = $6::timestamptz,
  has_files = r.has_files OR $3 <= {jobs.JOB_STATE_RUNNING},
  version = r.version + 1, updated_at = {later("$7", "r.updated_at")}
WHERE r.business_id = $1 AND r.id = $2
"""

# The files to delete: those that have expired, and what ended exports have left.
# Values: business, the moment.
DOOMED = f"""
SELECT id FROM exports WHERE business_id = $1 AND has_files
  AND (expires_at <= $2::timestamptz OR state > {jobs.JOB_STATE_SUCCEEDED})
ORDER BY id LIMIT 100
"""

# Values: business, the exports.
FORGET = """
UPDATE exports SET has_files = false WHERE business_id = $1 AND id = ANY($2::text[])
"""

# Exports that nobody asks for any more. Values: business, the moment before which
# they were made.
SWEEP = f"""
DELETE FROM exports WHERE business_id = $1 AND created_at < $2::timestamptz
  AND NOT has_files AND state >= {jobs.JOB_STATE_SUCCEEDED}
"""
