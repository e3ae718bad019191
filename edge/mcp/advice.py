"""Advice for assistants: what to do next about a problem, in a sentence or two."""

from collections.abc import Mapping
from types import MappingProxyType

from edge.operations import Operation
from edge.problems import ProblemError

_CORRECT = "Correct the arguments, then call again."
_NOT_ALLOWED = "Tell the user. Calling again changes nothing."

_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "VALIDATION_FAILED": "Correct the arguments that `errors` names, call again.",
        "BAD_REQUEST": _CORRECT,
        "NOT_FOUND": "Look for the record with a search tool, or ask the user for it.",
        "ROLE_DENIED": f"The user's role does not allow this. {_NOT_ALLOWED}",
        "SYSTEM_RECORD": f"The server keeps this record itself. {_NOT_ALLOWED}",
        "GONE": f"The data was erased for good. {_NOT_ALLOWED}",
        "RECORD_MERGED": "Use the record in `used_by`, or first undo that merge.",
        "WRONG_STATE": "Read the record: its state does not allow this now.",
        "SLOT_TAKEN": "Ask the user which slot in `free` to take, then book that.",
        "UNSUPPORTED_MEDIA_TYPE": "Make a file that is text, or tell the user.",
        "IDEMPOTENCY_KEY_REUSED": "Use a new idempotency_key for another thing to do.",
    }
)

# After these it is unknown whether the services executed the call.
_UNCERTAIN = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"})


def advice_on(error: ProblemError, operation: Operation | None) -> str:
    """The advice on a problem; `operation` is None if it is unknown."""
    wait = error.headers.get("Retry-After", "")
    if error.reason in _UNCERTAIN and operation and not operation.route.only_reads:
        return _about_a_write(operation, wait)
    if wait:
        return f"{_after(wait)} call again with the same arguments."
    return _ADVICE.get(error.reason, "Call again later, or tell the user.")


def _about_a_write(operation: Operation, wait: str) -> str:
    when = _after(wait) if wait else "Then"
    if operation.route.keyed:
        return (
            "It may have been done. With an idempotency_key it is safe to repeat: "
            f"{when.lower()} call again with the same key and arguments. Without one, "
            "look first whether it was done."
        )
    return f"It may have been done. {when} look whether it was before calling again."


def _after(seconds: str) -> str:
    return f"Wait {seconds} second{'s' * (seconds != '1')}, then"
