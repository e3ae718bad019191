"""The counters of the mail of a process, for metrics.

As elsewhere, keys are fixed at start, so that another thread can read them at any time.
"""

from dataclasses import dataclass, field

from services.mailing.kinds import STATES

LATER = "later"
RESULTS = (*STATES.values(), LATER)


@dataclass(slots=True)
class MailFigures:
    """What came of the attempts of this process, and how much waits, of all tenants.

    `waiting` mails are due, the oldest since `oldest_seconds`. `sending` are under way
    here now.
    """

    results: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RESULTS, 0))
    attempt_seconds: float = 0.0
    failed_turns: int = 0
    sending: int = 0
    waiting: int = 0
    oldest_seconds: float = 0.0
