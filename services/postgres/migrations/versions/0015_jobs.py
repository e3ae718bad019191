"""Jobs, and what a definition is whose values a job still looks at.

Besides what the API shows, a job has what its workers know: `task` is what its runner
keeps between two steps, `due_at` when a worker may claim it, `lease` the worker that
has it until then. `is_open`: there is work left, be the job ended or not.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    # First, as every change of a definition writes these before it writes the tenant.
    "ALTER TABLE fields ADD COLUMN state smallint NOT NULL DEFAULT 1",
    'ALTER TABLE fields ADD COLUMN job_id text COLLATE "C"',
    """
    CREATE TABLE jobs (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      kind smallint NOT NULL,
      state smallint NOT NULL,
      subject_id text NOT NULL,
      progress jsonb NOT NULL,
      started_at timestamptz,
      finished_at timestamptz,
      problem jsonb,
      result jsonb,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(subject_id)) STORED,
      task jsonb NOT NULL,
      due_at timestamptz NOT NULL,
      lease text,
      failures integer NOT NULL DEFAULT 0,
      is_cancelled boolean NOT NULL DEFAULT false,
      is_open boolean NOT NULL DEFAULT true,
      PRIMARY KEY (business_id, id)
    )
    """,
    "CREATE INDEX jobs_due ON jobs (business_id, due_at) WHERE is_open",
    """
    CREATE INDEX jobs_order_created_at ON jobs
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX jobs_finished_at ON jobs
      (business_id, finished_at)
      WHERE deleted_at IS NULL
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
