"""2026-06-01: the first contract. Nothing came before, so nothing changed."""

from datetime import date

from edge.versions.contracts import Change

CHANGE = Change(date(2026, 6, 1))
