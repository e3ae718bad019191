"""When deliveries are tried again: about as promised, never later than 72 hours."""

from services.clock import SECOND
from services.delivering.plan import (
    JITTER,
    LONGEST,
    MOST_ATTEMPTS,
    PAUSES_SECONDS,
    next_due,
    read_retry_after,
)

BEGUN = 1_700_000_000 * SECOND


def test_pauses_are_those_promised_with_jitter() -> None:
    moment = BEGUN
    for attempts, pause in enumerate(PAUSES_SECONDS, start=1):
        found = {next_due(BEGUN, attempts, moment, None) for _ in range(50)}
        for due in found:
            assert due is not None
            seconds = (due - moment) / SECOND
            assert pause * (1 - JITTER) - 1 <= seconds <= pause * (1 + JITTER) + 1
        assert len(found) > 1
        moment = min(moment + pause * SECOND, BEGUN + LONGEST)
    assert next_due(BEGUN, MOST_ATTEMPTS, BEGUN, None) is None


def test_72_hours_are_kept_whatever_is_asked_for() -> None:
    assert sum(PAUSES_SECONDS) * SECOND <= LONGEST
    last = next_due(BEGUN, 2, BEGUN + 60 * SECOND, 1_000_000.0)
    assert last == BEGUN + LONGEST
    assert next_due(BEGUN, 3, BEGUN + LONGEST, None) is None
    assert next_due(BEGUN, 3, BEGUN + LONGEST + SECOND, 10.0) is None


def test_what_is_asked_for_is_waited_for_at_least() -> None:
    due = next_due(BEGUN, 1, BEGUN, 600.0)
    assert due == BEGUN + 600 * SECOND
    soon = next_due(BEGUN, 1, BEGUN, 0.0)
    assert soon is not None
    assert soon > BEGUN + 4 * SECOND


def test_retry_after_is_read_in_both_forms() -> None:
    assert read_retry_after("120", 0.0) == 120.0
    assert read_retry_after("Thu, 01 Jan 1970 00:02:00 GMT", 60.0) == 60.0
    assert read_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", 60.0) == 0.0
    for text in ("", "soon", "-5", "1.5", "١٢", "Thu, 99 Jan 1970 00:00:00 GMT"):
        assert read_retry_after(text, 0.0) is None, text
