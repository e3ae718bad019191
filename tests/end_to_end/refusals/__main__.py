"""Prints the table of `docs/oauth.md`: `python -m tests.end_to_end.refusals`."""

from tests.end_to_end.refusals.table import table

print(table())
