"""Dated contracts: one file for each date, which says what changed on it.

The edge speaks the newest contract. A client pinned to an older one is served by
walking the changes since: forward for its request, backward for its answer.
"""

from edge.versions import v2026_06_01, v2026_11_01

# Oldest first. A new contract is a new file and its line here.
CHANGES = (v2026_06_01.CHANGE, v2026_11_01.CHANGE)
