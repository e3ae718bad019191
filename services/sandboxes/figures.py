"""How many sandboxes there are, and what failed of their tending, for metrics.

As elsewhere, keys are fixed at start, so that another thread can read them at any time.
"""

from dataclasses import dataclass, field

from prospectconnect.iam.v1.sandboxes_pb2 import SandboxState

DELETING = "deleting"
STATES = {
    number: name.removeprefix("SANDBOX_STATE_").lower()
    for name, number in SandboxState.items()
    if number
}


def _none() -> dict[str, int]:
    return dict.fromkeys((*STATES.values(), DELETING), 0)


@dataclass(slots=True)
class SandboxFigures:
    """The sandboxes of all tenants by state, and the steps that failed here."""

    states: dict[str, int] = field(default_factory=_none)
    failed_steps: int = 0
