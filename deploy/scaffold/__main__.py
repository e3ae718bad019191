"""`python -m deploy.scaffold products` writes the migration of a new record type."""

import sys

from deploy.scaffold.migration import after, migration
from services.every_kind import KINDS
from services.kinds.descriptors import record_types
from services.postgres.migrations import FOLDER, HEAD


def main(name: str) -> None:
    """Writes the migration of the record type whose plural is `name`."""
    kinds = record_types(KINDS)
    kind = next((each for each in kinds.values() if each.table == name), None)
    if kind is None:
        raise SystemExit(f"no proto defines {name}: write it, then run make gen")
    versions = FOLDER / "versions"
    if there := next(versions.glob(f"[0-9]*_{name}.py"), None):
        raise SystemExit(f"{there.name} is there already")
    file = versions / f"{after(HEAD)}_{name}.py"
    file.write_text(migration(kind, kinds, HEAD))
    sys.stdout.write(f"wrote {file}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
