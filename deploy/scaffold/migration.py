"""The migration that adds a kind of record, as the text of its file."""

from deploy.scaffold.indexes import indexes
from deploy.scaffold.tables import table
from services.kinds.record_type import Kinds, RecordType

_FILE = '''\
"""{title}: their table, its indexes and its statistics."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"

STATEMENTS = (
{statements}
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
'''


def statements(kind: RecordType, kinds: Kinds) -> list[str]:
    """The SQL that creates the table and indexes of a kind of record."""
    return [table(kind, kinds), *indexes(kind)]


def migration(kind: RecordType, kinds: Kinds, before: str) -> str:
    """The migration after `before`, as the text of its file."""
    return _FILE.format(
        title=kind.table.replace("_", " ").capitalize(),
        revision=after(before),
        before=before,
        statements="\n".join(_literal(each) for each in statements(kind, kinds)),
    )


def after(revision: str) -> str:
    """The number of the migration after another."""
    return f"{int(revision) + 1:04}"


def _literal(statement: str) -> str:
    lines = ["", *statement.replace("\\", "\\\\").split("\n"), ""]
    indented = "\n".join(f"    {line}".rstrip() for line in lines)
    return f'    """{indented.lstrip(" ")}    """,'
