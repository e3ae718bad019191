"""The client's exceptions as failures of a command.

It imports the client, so it is imported only where a call is made.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pcrm.exits import (
    NOT_LOGGED_IN,
    NOT_REACHED,
    PROBLEM,
    WRONG_USE,
    CommandFailed,
)
from prospectconnect_client import (
    Conflict,
    FileDiffers,
    Forbidden,
    JobFailed,
    NotFound,
    PreconditionFailed,
    Problem,
    RateLimited,
    ServerError,
    SlotTaken,
    Unauthorized,
    Unreachable,
    ValidationFailed,
)

_HINTS: tuple[tuple[type[Problem], str], ...] = (
    (Unauthorized, "pcrm login, or a valid token in PCRM_TOKEN"),
    (NotFound, "check the id; a record that you may not see is not found either"),
    (Conflict, "look at what stands in the way, or wait until it has ended"),
    (SlotTaken, "book one of the slots that are free"),
    (PreconditionFailed, "get the record again, and use its new ETag"),
    (RateLimited, "again in a while: the rate limit is used up"),
    (ServerError, "again in a while, and tell support the trace id if it stays"),
)


@contextmanager
def translated(hint: str = "") -> Iterator[None]:
    """Raises CommandFailed for what the client raises. `hint` is for wrong values."""
    try:
        yield
    except Problem as problem:
        raise failure_of(problem, hint) from problem
    except Unreachable as error:
        raise CommandFailed(
            str(error), NOT_REACHED, hint="check the address: PCRM_URL or --url"
        ) from error
    except (JobFailed, FileDiffers) as error:
        raise CommandFailed(str(error), PROBLEM) from error
    except (ValueError, TypeError, OSError) as error:
        raise CommandFailed(str(error), WRONG_USE, hint=hint) from error


def failure_of(problem: Problem, hint: str = "") -> CommandFailed:
    """A problem: its title and detail, the fields, the trace, and what to try."""
    code = NOT_LOGGED_IN if isinstance(problem, Unauthorized) else PROBLEM
    title = problem.title or "The server answered with an error"
    lines = [problem.detail] if problem.detail else []
    if isinstance(problem, ValidationFailed) and problem.errors:
        lines = [
            f"{each['field'] or 'body'}: {each['message']} ({each['code']})"
            for each in problem.errors
        ]
    if isinstance(problem, SlotTaken):
        lines += [f"free: {each['starts_at']}" for each in problem.free]
    if problem.trace_id:
        lines.append(f"trace id: {problem.trace_id}")
    return CommandFailed(
        f"{title} ({problem.status})",
        code,
        lines=tuple(lines),
        hint=_hint(problem, hint),
    )


def _hint(problem: Problem, hint: str) -> str:
    if isinstance(problem, Forbidden):
        lacking = problem.required or "the permission"
        return f"a login or a token with {lacking}; `pcrm me get` shows what you have"
    found = (told for kind, told in _HINTS if isinstance(problem, kind))
    return next(found, hint)
