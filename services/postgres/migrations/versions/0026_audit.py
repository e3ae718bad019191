"""The audit: entries that are chained by their hashes, and the head of each chain.

A trigger gives each entry its place and its hashes, so that every statement that adds
one chains it. It locks the tenant's head: entries of one tenant are written one after
the other. `services/iam/audit_chain.py` computes the same hashes to verify them.
Entries of nobody have an empty `business_id`.
"""

from alembic import op

revision = "0026"
down_revision = "0024"

TABLE = """
CREATE TABLE audit (
  business_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  event text NOT NULL,
  user_id text COLLATE "C",
  client_id text,
  ip text,
  target text,
  details jsonb,
  trace_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  external jsonb,
  place bigint NOT NULL,
  salt bytea,
  personal_hash bytea NOT NULL,
  before_hash bytea NOT NULL,
  hash bytea NOT NULL,
  search_text text NOT NULL
    GENERATED ALWAYS AS (fold(
      event ||
      E'\\n' || coalesce(target, '')
    )) STORED,
  PRIMARY KEY (business_id, id)
)
"""

# `swept_...` are of the last entry that the sweep has deleted.
HEADS = """
CREATE TABLE audit_heads (
  business_id text COLLATE "C" NOT NULL,
  place bigint NOT NULL,
  hash bytea NOT NULL,
  swept_place bigint NOT NULL DEFAULT 0,
  swept_hash bytea NOT NULL,
  swept_at timestamptz,
  PRIMARY KEY (business_id)
)
"""

INDEXES = (
    "CREATE UNIQUE INDEX audit_place ON audit (business_id, place)",
    """
    CREATE INDEX audit_order_created_at ON audit
      (business_id, created_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX audit_order_updated_at ON audit
      (business_id, updated_at, id)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX audit_at ON audit
      (business_id, at)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX audit_client_id ON audit
      (business_id, (coalesce(lower(client_id), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX audit_target ON audit
      (business_id, (coalesce(lower(target), '') COLLATE "C"))
      WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX audit_inverted ON audit USING gin (
      business_id,
      search_text gin_trgm_ops,
      (lower(event) COLLATE "C"),
      coalesce(user_id, '')
    ) WITH (gin_pending_list_limit = 512)
      WHERE deleted_at IS NULL
    """,
    """
    CREATE STATISTICS audit_client_id_values
      ON ((coalesce(lower(client_id), '') COLLATE "C"))
      FROM audit
    """,
    """
    CREATE STATISTICS audit_target_values
      ON ((coalesce(lower(target), '') COLLATE "C"))
      FROM audit
    """,
    """
    CREATE STATISTICS audit_event_values
      ON ((lower(event) COLLATE "C"))
      FROM audit
    """,
    """
    CREATE STATISTICS audit_user_id_values
      ON (coalesce(user_id, ''))
      FROM audit
    """,
)

# A value with its length before it, so that no two lists of values read the same.
FIELD = """
CREATE FUNCTION audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN coalesce(octet_length(value) || ':' || value, '-') || ','
"""

CHAIN = """
CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head audit_heads;
BEGIN
  -- Before the head: who changes a tenant's schema locks its row, and then the head.
  PERFORM FROM tenants WHERE business_id = NEW.business_id FOR KEY SHARE;
  SELECT * INTO head FROM audit_heads
    WHERE business_id = NEW.business_id FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_heads (business_id, place, hash, swept_hash)
      VALUES (NEW.business_id, 0, sha256(''), sha256(''))
      ON CONFLICT (business_id) DO NOTHING;
    SELECT * INTO head FROM audit_heads
      WHERE business_id = NEW.business_id FOR UPDATE;
  END IF;
  NEW.place := head.place + 1;
  NEW.before_hash := head.hash;
  NEW.salt := uuid_send(gen_random_uuid());
  NEW.personal_hash := sha256(NEW.salt || convert_to(
    audit_field(NEW.ip) || audit_field(NEW.details::text), 'UTF8'));
  NEW.hash := sha256(NEW.before_hash || NEW.personal_hash || convert_to(
    audit_field(NEW.place::text) || audit_field(NEW.business_id)
    || audit_field(NEW.id)
    || audit_field(trunc(extract(epoch FROM NEW.at) * 1000000)::text)
    || audit_field(NEW.event) || audit_field(NEW.user_id)
    || audit_field(NEW.client_id) || audit_field(NEW.target)
    || audit_field(NEW.trace_id), 'UTF8'));
  UPDATE audit_heads SET place = NEW.place, hash = NEW.hash
    WHERE business_id = NEW.business_id;
  RETURN NEW;
END $$
"""

TRIGGER = """
CREATE TRIGGER audit_chain BEFORE INSERT ON audit
  FOR EACH ROW EXECUTE FUNCTION chain_audit()
"""


def upgrade() -> None:
    for statement in (TABLE, HEADS, *INDEXES, FIELD, CHAIN, TRIGGER):
        op.execute(statement)
