"""The outcome of one attempt: an answer, or none."""

import httpx2

from prospectconnect_client.answers import Answer
from prospectconnect_client.problems import Unreachable, problem_of

Outcome = Answer | Unreachable


def unreachable(error: httpx2.RequestError, address: str) -> Unreachable:
    """The exception for a failed connection; the failure is its cause."""
    name, reason = type(error).__name__, str(error)
    told = f"{name}: {reason}" if reason else name
    outcome = Unreachable(f"No answer came from {address}: {told}")
    outcome.__cause__ = error
    return outcome


def settled(outcome: Outcome) -> Answer:
    """The answer of the last attempt; raises the exception of a failed one."""
    if isinstance(outcome, Unreachable):
        raise outcome
    if 200 <= outcome.status < 300 or outcome.status == 304:
        return outcome
    raise problem_of(outcome)
