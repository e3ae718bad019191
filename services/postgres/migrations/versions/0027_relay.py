"""Relays: those that live, and how far each tenant was published, by which relay."""

from alembic import op

revision = "0027"
down_revision = "0026"

RELAYS = """
CREATE TABLE relays (
  id text COLLATE "C" PRIMARY KEY,
  seen_at timestamptz NOT NULL
)
"""

POSITIONS = """
CREATE TABLE relay_positions (
  business_id text COLLATE "C" NOT NULL REFERENCES tenants,
  position text NOT NULL,
  holder text COLLATE "C" NOT NULL,
  held_until timestamptz,
  PRIMARY KEY (business_id)
)
"""


def upgrade() -> None:
    op.execute(RELAYS)
    op.execute(POSITIONS)
