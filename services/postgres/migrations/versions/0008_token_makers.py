"""The tokens that a token descends from; existing tokens count as first ones.

They are looked up by `tokens_id`; `services/iam/descent.py` limits their number.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        'ALTER TABLE tokens ADD COLUMN makers text[] COLLATE "C" NOT NULL'
        " DEFAULT '{}'::text[]"
    )
