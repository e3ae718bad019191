"""What jobs have counted since their progress was told.

`counted` is the progress after the last step, with the version of the row in it. Where
that is another one, a program of the version before has written the row since: then
`progress` is newer.
"""

from alembic import op

revision = "0035"
down_revision = "0032"


def upgrade() -> None:
    op.execute("ALTER TABLE jobs ADD COLUMN counted jsonb")
