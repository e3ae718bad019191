"""All SQL of imports and of their rows, but that of the standard methods."""

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.postgres.sql_parts import later

_WAITING = int(pb.IMPORT_STATE_WAITING_FOR_CONTENT)
_CANCELLED = int(pb.IMPORT_STATE_CANCELLED)
FAILED = int(pb.IMPORT_ROW_STATUS_FAILED)

# With whose rights an import runs: those of the user alone, if no app and no token is
# named. Values: business, id, app, token.
MAKER = """
UPDATE imports SET client_id = nullif($3::text, ''), token_id = nullif($4::text, '')
WHERE business_id = $1 AND id = $2
"""

# How many imports wait for their contents. Values: business.
OPEN = f"""
SELECT count(*) FROM imports WHERE business_id = $1 AND state = {_WAITING}
  AND deleted_at IS NULL
"""

# Says that something of an import may be in the store, before it is. Values: business,
# id.
HAS_FILES = """
UPDATE imports SET has_files = true WHERE business_id = $1 AND id = $2 AND NOT has_files
"""

# The same, and whether it was said before. It waits for who deletes the files. Values:
# business, id.
HAD_FILES = """
WITH before AS (
  SELECT o.has_files FROM imports AS o WHERE o.business_id = $1 AND o.id = $2 FOR UPDATE
) UPDATE imports AS r SET has_files = true FROM before AS b
WHERE r.business_id = $1 AND r.id = $2 RETURNING b.has_files
"""

# What has arrived. Values: business, id.
LOCK = """
SELECT state, sendings FROM imports WHERE business_id = $1 AND id = $2 FOR UPDATE
"""

# Values: business, id, the parts as clients see them, the sendings, the moment.
ARRIVED = f"""
UPDATE imports AS r SET parts = $3::jsonb, sendings = $4::jsonb, has_files = true,
  version = r.version + 1, updated_at = {later("$5", "r.updated_at")}
WHERE r.business_id = $1 AND r.id = $2
"""

# Lets go of a content that another import takes. Values: business, id.
TAKEN = """
UPDATE imports SET sendings = '{}', has_files = false
WHERE business_id = $1 AND id = $2
"""

# Values: business, id, the job, the moment, app, token.
STARTED = f"""
UPDATE imports AS r SET state = {int(pb.IMPORT_STATE_WAITING)}, job_id = $3,
  version = r.version + 1, updated_at = {later("$4", "r.updated_at")},
  client_id = nullif($5::text, ''), token_id = nullif($6::text, '')
WHERE r.business_id = $1 AND r.id = $2
"""

# What undoes an import; it locks the import. Values: business, id.
UNDONE = """
SELECT undone_by FROM imports WHERE business_id = $1 AND id = $2 FOR UPDATE
"""

# Whether an import has not ended. After a wait for a lock only a statement of its own
# sees what others have written meanwhile. Values: business, id.
IS_OPEN = f"""
SELECT id FROM imports
WHERE business_id = $1 AND id = $2 AND state <= {int(pb.IMPORT_STATE_RUNNING)}
"""

# Values: business, id, what undoes it, the moment.
UNDONE_BY = f"""
UPDATE imports AS r SET undone_by = $3, version = r.version + 1,
  updated_at = {later("$4", "r.updated_at")}
WHERE r.business_id = $1 AND r.id = $2
"""

# Only of an import that waits for its content. Values: business, id, the moment.
CANCELLED = f"""
UPDATE imports AS r SET state = {_CANCELLED}, version = r.version + 1,
  updated_at = {later("$3", "r.updated_at")}
WHERE r.business_id = $1 AND r.id = $2 AND r.state = {_WAITING}
"""

# What a job needs of its import. Values: business, id.
READ = """
SELECT created_by, client_id, token_id, sendings, dry_run FROM imports
WHERE business_id = $1 AND id = $2
"""

# How far an import is. Values: business, id, state, the counts of rows, problem,
# result, the moment.
ADVANCE = f"""
UPDATE imports AS r SET state = $3::smallint, rows = $4, created = $5, updated = $6,
  unchanged = $7, deleted = $8, failed = $9, problem = $10::jsonb, result = $11::jsonb,
  version = r.version + 1, updated_at = {later("$12", "r.updated_at")}
WHERE r.business_id = $1 AND r.id = $2
"""

# Values: business, import, then lists: rows, statuses, ids, problems, what was sent.
KEEP_ROWS = """
INSERT INTO import_rows (business_id, import_id, row, status, record_id, problem, sent)
SELECT $1, $2, v.* FROM unnest($3::integer[], $4::smallint[], $5::text[], $6::jsonb[],
  $7::bytea[]) AS v
"""

# Values: business, import, a status or null, the row before, how many.
SEARCH_ROWS = """
SELECT row, status, record_id, problem FROM import_rows
WHERE business_id = $1 AND import_id = $2 AND row > $4
  AND ($3::smallint IS NULL OR status = $3::smallint)
ORDER BY row LIMIT $5
"""

# Values: business, import, a status or null.
COUNT_ROWS = """
SELECT count(*) FROM import_rows WHERE business_id = $1 AND import_id = $2
  AND ($3::smallint IS NULL OR status = $3::smallint)
"""

# Values: business, import, the row before, how many.
SENT = f"""
SELECT row, problem, sent FROM import_rows
WHERE business_id = $1 AND import_id = $2 AND status = {FAILED} AND row > $3
ORDER BY row LIMIT $4
"""

# How rows were sent, as far as that is kept. Values: business, import, rows, how many
# bytes of each.
SENT_OF = """
SELECT row, substring(sent FOR $4) FROM import_rows
WHERE business_id = $1 AND import_id = $2 AND row = ANY($3::integer[])
  AND sent IS NOT NULL
"""

# Contents that never became whole. Values: business, the moment before which their
# import last changed, now.
EXPIRE = f"""
UPDATE imports AS r SET state = {_CANCELLED}, version = r.version + 1,
  updated_at = {later("$3", "r.updated_at")}
WHERE r.business_id = $1 AND r.state = {_WAITING} AND r.updated_at < $2
"""

# Imports that still have files: those that ended before a moment, those that never
# began, and dry runs that ended before another moment. Values: business, the moments.
LEFT = f"""
SELECT id, sendings FROM imports WHERE business_id = $1 AND has_files
  AND state > {int(pb.IMPORT_STATE_RUNNING)}
  AND (job_id IS NULL OR updated_at < $2 OR dry_run AND updated_at < $3)
LIMIT 100
"""

# Nobody can import a content that was deleted. Values: business, id.
NO_FILES = """
UPDATE imports SET has_files = false, sendings = '{}' WHERE business_id = $1 AND id = $2
"""

# Values: business, the moment before which they ended.
SWEEP = f"""
DELETE FROM imports WHERE business_id = $1 AND updated_at < $2 AND NOT has_files
  AND state > {int(pb.IMPORT_STATE_RUNNING)}
"""
