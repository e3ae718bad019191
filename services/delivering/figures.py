"""The counters of the deliveries of a process, for metrics.

As elsewhere, keys are fixed at start, so that another thread can read them at any time.
"""

from dataclasses import dataclass, field

from services.delivering import sending

# How an attempt ended: by the class of the status, or why there is none.
OUTCOMES = (
    *("2xx", "3xx", "4xx", "5xx"),
    sending.ADDRESS_REFUSED,
    sending.TIMEOUT,
    sending.NAME_UNKNOWN,
    sending.CERTIFICATE,
    sending.CONNECTION,
    sending.UNREADABLE,
    sending.NOT_MADE,
)
REASONS = ("failing", "gone", "forbidden")


def outcome_of(outcome: sending.Outcome) -> str:
    """The outcome that an attempt counts as."""
    if not outcome.status:
        return outcome.error
    return f"{min(max(outcome.status // 100, 2), 5)}xx"


@dataclass(slots=True)
class DeliveryFigures:
    """What this process delivered, and how much waits, of all tenants.

    The oldest change that waits to be sent happened `oldest_seconds` ago. `serving`
    webhooks are served here now. `unjudged` changes were sent because filters could
    not judge them.
    """

    attempts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    attempt_seconds: float = 0.0
    disabled: dict[str, int] = field(default_factory=lambda: dict.fromkeys(REASONS, 0))
    given_up: int = 0
    failed_turns: int = 0
    unjudged: int = 0
    serving: int = 0
    pending: int = 0
    oldest_seconds: float = 0.0
