"""Which tokens a token descends from; those that were there before are taken for first.

Looked up by `tokens_id`; `services/iam/descent.py` bounds how many there are.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        'ALTER TABLE tokens ADD COLUMN makers text[] COLLATE "C" NOT NULL'
        " DEFAULT '{}'::text[]"
    )
