"""Dated contracts: which of them holds at a date."""

from collections.abc import Sequence
from datetime import date

from services.clock import real_now, rfc3339


def contract_at(contracts: Sequence[str], given: str) -> str:
    """The contract that holds at a date, or the newest; "" if none does.

    `contracts` are dates, the oldest first.
    """
    if not given:
        return contracts[-1] if contracts else ""
    try:
        is_day = date.fromisoformat(given).isoformat() == given
    except ValueError:
        return ""
    if not is_day or given > rfc3339(real_now())[: len(given)]:
        return ""
    begun = [each for each in contracts if each <= given]
    return begun[-1] if begun else ""
