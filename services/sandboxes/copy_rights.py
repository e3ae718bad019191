"""Who has something copied into a sandbox must be allowed to read it."""

from collections.abc import Iterable, Iterator, Mapping

from prospectconnect.iam.v1.sandboxes_pb2 import (
    SANDBOX_COPY_NOTHING,
    SANDBOX_COPY_SCHEMA_AND_SAMPLE,
)

from services.caller import Caller
from services.errors import RoleDenied, ScopeDenied
from services.kinds.record_type import RecordType
from services.records.copying.meetings import NEEDED
from services.records.copying.samples import VALUES

# What reading the definitions takes; pipelines are read by who reads deals.
_DEFINITIONS = ("schema.read", "deal.read")


def check_may_copy(
    caller: Caller, copy: int, kinds: Mapping[str, RecordType], has_meetings: bool
) -> None:
    """Refuses a caller that may not read what is copied. The message names all of it.

    Meeting types are asked for only where there are some. Raises `ScopeDenied` or
    `RoleDenied`.
    """
    refuse_lacking(caller, (*_needed(copy, kinds), *of_meetings(copy, has_meetings)))


def of_meetings(copy: int, has_meetings: bool) -> tuple[str, ...]:
    """What copying meeting types takes, nothing where there are none."""
    return NEEDED if has_meetings and copy != SANDBOX_COPY_NOTHING else ()


def refuse_lacking(caller: Caller, permissions: Iterable[str]) -> None:
    """Refuses a caller without some permissions. The message names all of them.

    Raises `ScopeDenied` or `RoleDenied`.
    """
    needed = sorted(permissions)
    lacking = [each for each in needed if each not in caller.scope_permissions]
    if lacking:
        message = f"To copy these, the token needs {', '.join(lacking)}."
        raise ScopeDenied(message, lacking[0])
    lacking = [each for each in needed if each not in caller.role_permissions]
    if lacking:
        message = f"To copy these, the user's role needs {', '.join(lacking)}."
        raise RoleDenied(message, lacking[0])


def _needed(copy: int, kinds: Mapping[str, RecordType]) -> Iterator[str]:
    if copy == SANDBOX_COPY_NOTHING:
        return
    yield from _DEFINITIONS
    if copy == SANDBOX_COPY_SCHEMA_AND_SAMPLE:
        for each in kinds.values():
            if each.table in VALUES and each.resource != "deal":
                yield f"{each.resource}.read"
