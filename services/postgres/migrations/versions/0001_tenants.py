"""Tenants, roles, users, tokens, idempotency keys and the functions of text search.

Every table except the directory of tenants and the secrets begins with `business_id`.
Record tables share their last columns: `version` (the ETag), `deleted_at` (soft
delete) and `external` (space for data of merge, restore and change feeds).
"""

from alembic import op

revision = "0001"
down_revision = None

EXTENSIONS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
)

# In PL/pgSQL, which keeps what it has parsed: PostgreSQL would take a function in SQL
# apart anew for each row that has a generated column of it (28 µs of a create's 180).
FUNCTIONS = {
    # Lower case without accents: what search_text compares. Lowered last, because
    # a decomposed sign may bring capitals along (U+2122 becomes TM).
    "fold(value text) RETURNS text": r"""
    CASE WHEN octet_length(value) = length(value) THEN lower(value)
    ELSE replace(translate(
      lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]+', '', 'g')),
      'øłđħŧıς', 'oldhtiσ'
    ), 'ß', 'ss') END
    """,  # noqa: RUF001 - the two lower sigmas
    # A LIKE pattern in which the value's own wildcards are plain characters.
    "like_literal(value text) RETURNS text": r"""
    regexp_replace(value, '([\\%_])', '\\\1', 'g')
    """,
    "digits(value text) RETURNS text": "regexp_replace(value, '[^0-9]', '', 'g')",
    "lower_all(texts text[]) RETURNS text[]": "lower(texts::text)::text[]",
    "lower_json(value jsonb) RETURNS jsonb": "lower(value::text)::jsonb",
}

TABLES = (
    # Indexes that were dropped for a load, see `services/postgres/index_builds.py`.
    """
    CREATE TABLE missing_indexes (
      name text PRIMARY KEY,
      definition text NOT NULL
    )
    """,
    """
    CREATE TABLE secrets (
      name text PRIMARY KEY,
      value bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE tenants (
      business_id text COLLATE "C" PRIMARY KEY,
      name text NOT NULL UNIQUE,
      limit_requests integer NOT NULL,
      limit_seconds integer NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE roles (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      name text NOT NULL,
      grants jsonb NOT NULL,
      PRIMARY KEY (business_id, name)
    )
    """,
    """
    CREATE TABLE users (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      email text NOT NULL,
      active boolean NOT NULL DEFAULT true,
      role text NOT NULL,
      password_hash text,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      search_text text NOT NULL
        GENERATED ALWAYS AS (fold(name || E'\\n' || email)) STORED,
      version integer NOT NULL DEFAULT 1,
      deleted_at timestamptz,
      external jsonb,
      PRIMARY KEY (business_id, id),
      FOREIGN KEY (business_id, role) REFERENCES roles (business_id, name)
    )
    """,
    "CREATE UNIQUE INDEX users_email ON users (business_id, lower(email))",
    "CREATE INDEX users_created_at ON users (business_id, created_at, id)",
    "CREATE INDEX users_updated_at ON users (business_id, updated_at, id)",
    """
    CREATE INDEX users_name
      ON users (business_id, (lower(name) COLLATE "C"), id)
    """,
    """
    CREATE INDEX users_search_text
      ON users USING gin (business_id, search_text gin_trgm_ops)
    """,
    """
    CREATE TABLE tokens (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      hash bytea NOT NULL,
      id text COLLATE "C" NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      kind smallint NOT NULL,
      client_id text NOT NULL DEFAULT '',
      scopes text[] NOT NULL,
      limit_requests integer NOT NULL,
      limit_seconds integer NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz,
      revoked_at timestamptz,
      PRIMARY KEY (business_id, hash),
      FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )
    """,
    "CREATE UNIQUE INDEX tokens_id ON tokens (business_id, id)",
    "CREATE INDEX tokens_user_id ON tokens (business_id, user_id, created_at)",
    """
    CREATE TABLE idempotency_keys (
      business_id text COLLATE "C" NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      client_id text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      fingerprint bytea NOT NULL,
      outcome bytea NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (business_id, user_id, client_id, key)
    )
    """,
    """
    CREATE INDEX idempotency_keys_created_at
      ON idempotency_keys (business_id, created_at)
    """,
    """
    CREATE TABLE upsert_locks (
      business_id text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      PRIMARY KEY (business_id, key)
    )
    """,
)


def upgrade() -> None:
    for statement in EXTENSIONS:
        op.execute(statement)
    for signature, expression in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {signature} LANGUAGE plpgsql IMMUTABLE STRICT"
            f" PARALLEL SAFE AS $$ BEGIN RETURN {expression}; END $$"
        )
    for statement in TABLES:
        op.execute(statement)
