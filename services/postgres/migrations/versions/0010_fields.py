"""Field definitions, and the values of typed fields that searches compare.

`tenants.schema_generation` counts the changes of a tenant's definitions; 0 means that
the tenant never had one.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """
    CREATE TABLE fields (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      object text NOT NULL,
      key text NOT NULL,
      type smallint NOT NULL,
      label text NOT NULL,
      description text,
      "group" text,
      position integer NOT NULL,
      required boolean NOT NULL,
      "unique" boolean NOT NULL,
      default_value jsonb,
      options jsonb NOT NULL,
      min numeric,
      max numeric,
      decimals integer,
      max_length integer,
      target text,
      searchable boolean NOT NULL,
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
          E'\\n' || label
        )) STORED,
      PRIMARY KEY (business_id, id)
    )
    """,
    "CREATE UNIQUE INDEX fields_key ON fields (business_id, object, key)",
    """
    CREATE TABLE typed_values (
      business_id text COLLATE "C" NOT NULL,
      object text COLLATE "C" NOT NULL,
      record_id text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      number numeric,
      moment timestamptz,
      text text COLLATE "C",
      digest bytea,
      words text,
      PRIMARY KEY (business_id, object, record_id, key)
    )
    """,
    """
    CREATE INDEX typed_values_number ON typed_values
      (business_id, object, key, number, record_id) WHERE number IS NOT NULL
    """,
    """
    CREATE INDEX typed_values_moment ON typed_values
      (business_id, object, key, moment, record_id) WHERE moment IS NOT NULL
    """,
    """
    CREATE INDEX typed_values_text ON typed_values
      (business_id, object, key, text, record_id) WHERE text IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX typed_values_unique ON typed_values
      (business_id, object, key, digest) WHERE digest IS NOT NULL
    """,
    """
    CREATE INDEX typed_values_words ON typed_values
      USING gin (business_id, object, words gin_trgm_ops) WHERE words IS NOT NULL
    """,
    "ALTER TABLE tasks ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}'::jsonb",
    "ALTER TABLE notes ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}'::jsonb",
    """
    ALTER TABLE activities ADD COLUMN custom_fields jsonb NOT NULL DEFAULT '{}'::jsonb
    """,
    """
    ALTER TABLE tenants ADD COLUMN schema_generation bigint NOT NULL DEFAULT 0
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
