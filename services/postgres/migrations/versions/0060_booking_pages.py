"""Questions and answers of meetings, links to book them, and tenants' names in
addresses."""

from alembic import op

revision = "0060"
down_revision = "0056"

# The name in lower case with `-` for all else; the end of the id where that is taken.
_SLUGS = """
UPDATE tenants AS t SET slug = CASE WHEN n.place = 1 AND n.slug <> '' THEN n.slug
  ELSE trim(BOTH '-' FROM n.slug || '-' || right(t.business_id, 8)) END
FROM (
  SELECT s.business_id, s.slug,
    row_number() OVER (PARTITION BY s.slug ORDER BY s.business_id) AS place
  FROM (
    SELECT business_id, trim(BOTH '-' FROM left(
      regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), 50
    )) AS slug
    FROM tenants
  ) AS s
) AS n
WHERE n.business_id = t.business_id
"""

STATEMENTS = (
    "ALTER TABLE meeting_types ADD COLUMN questions jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE bookings ADD COLUMN answers jsonb NOT NULL DEFAULT '{}'",
    "ALTER TABLE tenants ADD COLUMN slug text",
    _SLUGS,
    "CREATE UNIQUE INDEX tenants_slug ON tenants (slug)",
    """
    CREATE TABLE meeting_links (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      meeting_type_id text COLLATE "C" NOT NULL,
      hash bytea NOT NULL,
      max_uses integer,
      uses integer NOT NULL DEFAULT 0,
      expires_at timestamptz,
      answers jsonb NOT NULL,
      created_at timestamptz NOT NULL,
      created_by text COLLATE "C" NOT NULL,
      ended_at timestamptz,
      PRIMARY KEY (business_id, id),
      CONSTRAINT meeting_links_hash UNIQUE (business_id, hash)
    )
    """,
    """
    CREATE INDEX meeting_links_of_type ON meeting_links
      (business_id, meeting_type_id, created_at, id)
      WHERE ended_at IS NULL
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
