"""How often drawn and timed proofs are repeated: little at each change, much nightly.

A variable of the environment with the same name decides before both.
"""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Rounds(NamedTuple):
    """How many there are in `make check` and in `make nightly`."""

    at_each_change: int
    nightly: int


ROUNDS: Mapping[str, Rounds] = MappingProxyType(
    {
        "AGREEMENTS": Rounds(2, 40),
        "AGGREGATES": Rounds(60, 2_000),
        "ASSOCIATED_SEARCHES": Rounds(200, 5_000),
        "ASSOCIATION_RACES": Rounds(4, 200),
        "BOOKED_SLOTS": Rounds(4, 400),
        "BOOKING_KILLS": Rounds(1, 100),
        "BOOKING_LIVES": Rounds(3, 300),
        "BOOKING_RACES": Rounds(2, 200),
        "BROWSER_VIEWS": Rounds(1, 4),
        "CIRCLES": Rounds(2, 200),
        "CLOCK_KILLS": Rounds(1, 30),
        "COMPILED_CASES": Rounds(2_000, 150_000),
        "COMMAND_FILTERS": Rounds(100, 20_000),
        "CONSENT_LIVES": Rounds(3, 300),
        "CONSENT_RACES": Rounds(3, 100),
        "CRASH_ROUNDS": Rounds(2, 200),
        "CONFIRMATIONS": Rounds(80, 4_000),
        "CONTRACT_REQUESTS": Rounds(60, 2_000),
        "CROWD": Rounds(40_000, 100_000),
        "DELIVERY_CRASHES": Rounds(1, 200),
        "DELIVERY_KILLS": Rounds(1, 200),
        "DRY_OPERATIONS": Rounds(150, 10_000),
        "ERASED_NAMES": Rounds(1_600, 100_000),
        "ERASURE_RACES": Rounds(4, 100),
        "EXTERNAL_ID_ROUNDS": Rounds(1, 200),
        "FAULT_ROUNDS": Rounds(1, 5),
        "EXPORTED_RECORDS": Rounds(1, 12),
        "EXPORT_FOLLOWS": Rounds(1, 50),
        "EXPORT_KILLS": Rounds(1, 30),
        "EXPRESSIONS": Rounds(2_000, 50_000),
        "FEED_RACES": Rounds(2, 200),
        "FORMULA_RACES": Rounds(2, 50),
        "JOB_CANCELS": Rounds(1, 20),
        "JOB_PROGRESS": Rounds(4, 20),
        "FUZZ_CASES": Rounds(300, 5_000),
        "IMPORTED_ROWS": Rounds(1, 40),
        "IMPORT_KILLS": Rounds(1, 100),
        "IDLE_CLIENTS": Rounds(2_000, 10_000),
        "JOB_ENDS": Rounds(20, 300),
        "JOB_KILLS": Rounds(2, 40),
        "LEAVING_ROUNDS": Rounds(30, 1_000),
        "LINK_RACES": Rounds(8, 100),
        "LIVES": Rounds(4, 300),
        "LONG_TEXTS": Rounds(1, 8),
        "MAILED_LIVES": Rounds(2, 200),
        "MANY_RECORDS": Rounds(1_000, 10_000),
        "MEMORY_BATCHES": Rounds(4, 40),
        "SLOT_ZONES": Rounds(12, 1_000),
        "OAUTH_RACE_ROUNDS": Rounds(1, 100),
        "OBJECT_RACES": Rounds(8, 200),
        "OPENAPI_EXAMPLES": Rounds(1, 25),
        "PACED_CREATES": Rounds(150, 2_000),
        "RECIPE_SUITES": Rounds(2, 12),
        "RELAY_KILLS": Rounds(0, 3),
        "RESET_RACES": Rounds(1, 40),
        "RESTART_ROUNDS": Rounds(1, 10),
        "RESTORE_KILLS": Rounds(1, 200),
        "RESTORE_RACES": Rounds(3, 200),
        "SCHEMA_BODIES": Rounds(60, 2_000),
        "SEARCHES": Rounds(60, 1_000),
        "SPLIT_KINDS": Rounds(4, 99),
        "STALL_SECONDS": Rounds(3, 20),
        "MERGE_RACES": Rounds(4, 200),
        "BATCH_RACES": Rounds(3, 100),
        "SYNC_KILLS": Rounds(3, 60),
        "UNDONE_DAMAGES": Rounds(1, 30),
        "UNDOS": Rounds(1, 100),
        "UNDO_KILLS": Rounds(1, 20),
        "TEMPLATES": Rounds(200, 20_000),
        "TIMING_REQUESTS": Rounds(500, 10_000),
        "TWIN_BATCHES": Rounds(3, 200),
    }
)


def rounds(name: str) -> int:
    """How often this run repeats what is named so."""
    known = ROUNDS[name]
    usual = known.nightly if os.environ.get("NIGHTLY") else known.at_each_change
    return int(os.environ.get(name, usual))
