"""Types of association, and the associations of records.

A type limits how many records a record has on the other side by the partial unique
indexes. They cover what is not deleted: an association that ended frees its place.
`external` tells of an association that it ended with one of its records.
"""

from alembic import op

revision = "0013"
down_revision = "0012"

# As `Cardinality` numbers them.
ONE_FROM = "cardinality IN (2, 3)"
ONE_TO = "cardinality IN (3, 4)"

STATEMENTS = (
    """
    CREATE TABLE association_types (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      key text NOT NULL,
      from_object text NOT NULL,
      to_object text NOT NULL,
      label text NOT NULL,
      inverse_label text NOT NULL,
      cardinality smallint NOT NULL,
      built_in boolean NOT NULL,
      link_field text,
      archived boolean NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(
          key ||
          E'\\n' || label ||
          E'\\n' || inverse_label
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE UNIQUE INDEX association_types_key ON association_types (business_id, key)
    """,
    """
    CREATE TABLE associations (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      type text NOT NULL,
      from_id text COLLATE "C" NOT NULL,
      to_id text COLLATE "C" NOT NULL,
      role text,
      cardinality smallint NOT NULL,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      created_by text COLLATE "C",
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(coalesce(role, ''))) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    """
    CREATE UNIQUE INDEX associations_same ON associations
      (business_id, from_id, type, to_id) WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX associations_inverse ON associations
      (business_id, to_id, type, from_id) WHERE deleted_at IS NULL
    """,
    f"""
    CREATE UNIQUE INDEX associations_one_from ON associations
      (business_id, type, to_id) WHERE deleted_at IS NULL AND {ONE_FROM}
    """,
    f"""
    CREATE UNIQUE INDEX associations_one_to ON associations
      (business_id, type, from_id) WHERE deleted_at IS NULL AND {ONE_TO}
    """,
    """
    CREATE INDEX associations_order_created_at ON associations
      (business_id, created_at, id) WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX associations_order_updated_at ON associations
      (business_id, updated_at, id) WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX associations_type ON associations
      (business_id, (lower(type) COLLATE "C")) WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX associations_inverted ON associations USING gin (
      business_id,
      search_text gin_trgm_ops,
      (coalesce(lower(role), '') COLLATE "C"),
      coalesce(created_by, '')
    ) WITH (gin_pending_list_limit = 512) WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS associations_type_values
      ON (lower(type) COLLATE "C") FROM associations
    """,
    """
    CREATE STATISTICS associations_role_values
      ON (coalesce(lower(role), '') COLLATE "C") FROM associations
    """,
    """
    CREATE STATISTICS associations_created_by_values
      ON (coalesce(created_by, '')) FROM associations
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
