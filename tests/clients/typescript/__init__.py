"""Tests of what the TypeScript client alone owes; `tests.clients` has the rest."""
