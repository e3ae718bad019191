"""What webhooks leave out of the feed, and the apps that began jobs.

Each of a webhook's `gaps` is a time in which it was off: from which place, and the
position where it goes on, null while it is off. What is before a gap is still sent.
"""

from alembic import op

revision = "0032"
down_revision = "0030"

STATEMENTS = (
    "ALTER TABLE webhook_queues ADD COLUMN gaps jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE jobs ADD COLUMN client_id text",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
