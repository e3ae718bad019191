"""The migrations: one file each in `versions`, run in the order of their numbers."""

from pathlib import Path

FOLDER = Path(__file__).parent

# The newest migration: the number that its file's name begins with.
HEAD = max(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))
