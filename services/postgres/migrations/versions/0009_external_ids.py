"""External ids of records, and the values that at most one record may have.

`key` is the path of a value in its record, e.g. `external_ids.salesforce`, `object` the
table of the record. No row refers to another by a foreign key: the statement that
writes a record writes its rows, and the record names its tenant.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = ("contacts", "companies", "deals", "tasks", "notes", "activities")

UNIQUE_VALUES = """
CREATE TABLE unique_values (
  business_id text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  record_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (business_id, object, key, value)
)
"""


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN external_ids jsonb")
    op.execute(UNIQUE_VALUES)
    op.execute(
        "CREATE INDEX unique_values_record ON unique_values (business_id, record_id)"
    )
