"""OAuth for apps: registrations, authorizations, sessions and the audit.

Codes and tokens refer to their authorization by a foreign key with ON DELETE CASCADE:
no token outlives it, in any order of statements. Apps, unanswered requests, the
directory of addresses and attempts to log in belong to no tenant.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

OF_NO_TENANT = (
    """
    CREATE TABLE apps (
      id text COLLATE "C" PRIMARY KEY,
      secret_hash bytea,
      registration_hash bytea NOT NULL,
      metadata jsonb NOT NULL,
      created_at timestamptz NOT NULL,
      used_at timestamptz
    )
    """,
    "CREATE INDEX apps_created_at ON apps (created_at)",
    """
    CREATE TABLE authorization_requests (
      hash bytea PRIMARY KEY,
      client_id text COLLATE "C" NOT NULL REFERENCES apps ON DELETE CASCADE,
      redirect_uri text NOT NULL,
      scopes text[] NOT NULL,
      resources text[] NOT NULL,
      state text NOT NULL,
      challenge text NOT NULL,
      expires_at timestamptz NOT NULL
    )
    """,
    """
    CREATE INDEX authorization_requests_client_id
      ON authorization_requests (client_id)
    """,
    """
    CREATE INDEX authorization_requests_expires_at
      ON authorization_requests (expires_at)
    """,
    # Which tenants know an e-mail address. All else about a user is their tenant's.
    """
    CREATE TABLE addresses (
      email text COLLATE "C" NOT NULL,
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      PRIMARY KEY (email, business_id)
    )
    """,
    # A place is the hash of a browser or of a network address; empty: all of them.
    """
    CREATE TABLE login_attempts (
      account bytea NOT NULL,
      place bytea NOT NULL,
      rested_at timestamptz NOT NULL,
      known_at timestamptz,
      PRIMARY KEY (account, place)
    )
    """,
    "CREATE INDEX login_attempts_rested_at ON login_attempts (rested_at)",
)

AUTHORIZATIONS = (
    """
    CREATE TABLE authorizations (
      business_id text COLLATE "C" NOT NULL REFERENCES tenants,
      id text COLLATE "C" NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      client_id text COLLATE "C" NOT NULL,
      redirect_uri text NOT NULL,
      scopes text[] NOT NULL,
      permissions text[] NOT NULL,
      resources text[] NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (business_id, id),
      FOREIGN KEY (business_id, user_id) REFERENCES users (business_id, id)
    )
    """,
    """
    CREATE INDEX authorizations_user_id
      ON authorizations (business_id, user_id, client_id)
    """,
    """
    CREATE TABLE authorization_codes (
      business_id text COLLATE "C" NOT NULL,
      hash bytea NOT NULL,
      authorization_id text COLLATE "C" NOT NULL,
      challenge text NOT NULL,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (business_id, hash),
      FOREIGN KEY (business_id, authorization_id)
        REFERENCES authorizations (business_id, id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE refresh_tokens (
      business_id text COLLATE "C" NOT NULL,
      hash bytea NOT NULL,
      authorization_id text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (business_id, hash),
      FOREIGN KEY (business_id, authorization_id)
        REFERENCES authorizations (business_id, id) ON DELETE CASCADE
    )
    """,
    # Codes and refresh tokens that were used: a second use is told from nonsense.
    """
    CREATE TABLE spent_secrets (
      business_id text COLLATE "C" NOT NULL,
      hash bytea NOT NULL,
      authorization_id text COLLATE "C" NOT NULL,
      spent_at timestamptz NOT NULL,
      PRIMARY KEY (business_id, hash),
      FOREIGN KEY (business_id, authorization_id)
        REFERENCES authorizations (business_id, id) ON DELETE CASCADE
    )
    """,
)

# What hangs on an authorization is found by it.
HANGING = ("authorization_codes", "refresh_tokens", "spent_secrets", "tokens")

TOKENS = (
    "ALTER TABLE tokens ADD COLUMN name text",
    'ALTER TABLE tokens ADD COLUMN authorization_id text COLLATE "C"',
    """
    ALTER TABLE tokens ADD FOREIGN KEY (business_id, authorization_id)
      REFERENCES authorizations (business_id, id) ON DELETE CASCADE
    """,
    # Personal access tokens, kind 1, are kept when they end.
    """
    CREATE INDEX tokens_expires_at ON tokens (business_id, expires_at)
      WHERE kind <> 1
    """,
)

# Of a tenant, or of nobody: business_id is then empty.
AUDIT = (
    """
    CREATE TABLE audit_events (
      business_id text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      event text NOT NULL,
      user_id text COLLATE "C" NOT NULL,
      client_id text COLLATE "C" NOT NULL,
      address text NOT NULL,
      detail text NOT NULL,
      PRIMARY KEY (business_id, id)
    )
    """,
    "CREATE INDEX audit_events_at ON audit_events (business_id, at, id)",
)

FILL = "INSERT INTO addresses (email, business_id) SELECT lower(email), business_id"


def upgrade() -> None:
    for statement in OF_NO_TENANT + AUTHORIZATIONS + TOKENS + AUDIT:
        op.execute(statement)
    for table in HANGING:
        op.execute(
            f"CREATE INDEX {table}_authorization_id"
            f" ON {table} (business_id, authorization_id)"
        )
    op.execute(f"{FILL} FROM users WHERE deleted_at IS NULL")
