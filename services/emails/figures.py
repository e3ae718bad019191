"""The counters of the e-mails of a process, for metrics.

As elsewhere, keys are fixed at start, so that another thread can read them at any time.
"""

from dataclasses import dataclass, field

from services.emails.behaviour import ENDED, name_of


@dataclass(slots=True)
class EmailFigures:
    """How the e-mails have ended that this process had, by status."""

    ended: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(map(name_of, ENDED), 0)
    )
