"""A job that has ended, for suites that ask every operation of every kind of record."""

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.ids import new_id
from services.postgres.database import Database

_PUT = f"""
INSERT INTO jobs (business_id, id, kind, state, subject_id, progress, started_at,
  finished_at, result, created_at, updated_at, created_by, task, due_at, is_open)
SELECT $1, $2::text, {int(pb.JOB_KIND_CREATE_FIELD)},
  {int(pb.JOB_STATE_SUCCEEDED)}, $3::text,
  '{{"total": 12000, "done": 12000}}', now(), now(),
  jsonb_build_object('field_id', $3::text, 'records', 12000,
    'converted', 0, 'cleared', 0), now(), now(), $4, '{{}}', now(), false
"""


async def put_job(database: Database, business_id: str, user_id: str) -> str:
    """Gives a tenant a job that a user began, and returns its id."""
    job_id = new_id("job_")
    await database.run(_PUT, business_id, job_id, new_id("fld_"), user_id)
    return job_id
