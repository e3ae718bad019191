"""Types of record, each with what a tenant may change about it.

The built-in ones get their rows when a tenant's types are first looked at, so that a
type that comes later needs no migration of its own.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    """
    CREATE TABLE objects (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      slug text NOT NULL,
      singular_label text NOT NULL,
      plural_label text NOT NULL,
      open boolean NOT NULL,
      built_in boolean NOT NULL,
      archived boolean NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(
          slug ||
          E'\\n' || singular_label ||
          E'\\n' || plural_label
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    "CREATE UNIQUE INDEX objects_slug ON objects (business_id, slug)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
