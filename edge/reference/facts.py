"""What else a caller should know of an operation: rights, cost, and calling again."""

from dataclasses import dataclass

from edge.reference.operations import Answer, Operation
from edge.reference.roles import EVERYBODY, roles_of
from edge.transcoder.routes import Route
from edge.web.addresses import DOCS

_AGAIN = {
    "GET": "It changes nothing. Send it again whenever you like.",
    "PATCH": "A repeated change has no further effect. `If-Match` stops it if somebody "
    "else has changed the record in between.",
    "PUT": "Sent again, it writes the same bytes in the same place.",
    "DELETE": "Sent again, it deletes nothing more.",
}
_KEYED = (
    "Send an `Idempotency-Key`. The same key again gets the first answer, and nothing "
    "is done twice."
)
_READS = _AGAIN["GET"]
_TWICE = (
    "It takes no `Idempotency-Key`. If no answer comes, read what is there before you "
    "send it again."
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: its name, a sentence, and the guide that tells more."""

    name: str
    text: str
    guide: str


def facts_of(operation: Operation, route: Route) -> tuple[Fact, ...]:
    """The facts of an operation, in the order of its page."""
    named = f"`{operation.name}`, in the OpenAPI document and for faults of a sandbox."
    return (
        Fact("Operation", named, f"{DOCS}/sandboxes"),
        Fact("Scope", _scope(operation), f"{DOCS}/authentication"),
        Fact("Roles", _roles(operation), f"{DOCS}/authentication"),
        Fact("Rate limit", _cost(route), f"{DOCS}/rate-limits"),
        Fact("Sent twice", _again(operation, route), f"{DOCS}/idempotency"),
    )


def _scope(operation: Operation) -> str:
    if not operation.scope:
        return "Any valid token."
    only = "" if operation.for_apps else " No app gets it: personal tokens alone."
    return f"`{operation.scope}`.{only}"


def _roles(operation: Operation) -> str:
    roles = roles_of(operation.scope)
    if roles == EVERYBODY:
        return "All roles of a new tenant."
    return f"{', '.join(f'`{each}`' for each in roles)}, or a role of your own."


def _cost(route: Route) -> str:
    if route.is_batch:
        return "A tenth of a request for each operation in it, rounded up."
    return "1 request."


def _again(operation: Operation, route: Route) -> str:
    if operation.has_key:
        return _KEYED
    if route.only_reads:
        return _READS
    return _AGAIN.get(operation.method, _TWICE)


def kinds_of(answer: Answer) -> list[tuple[str, str]]:
    """The kinds of problem of an answer: the end of each type, and its title."""
    found = {
        str(value["type"]).rpartition("/")[2]: str(value["title"])
        for _, value in answer.examples
    }
    return list(found.items())
