"""Judges what a new token shall be: its scopes and its end."""

from collections.abc import Sequence
from typing import Any

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.clock import SECOND, from_timestamp, real_now
from services.errors import ValidationFailed
from services.faults import Fault
from services.roles import SCOPES


def check_scopes(scopes: Sequence[str]) -> None:
    """Raises `ValidationFailed` for unknown scopes, or for no scope."""
    faults = [
        Fault(
            f"scopes[{index}]",
            FaultCode.FAULT_CODE_INVALID_CHOICE,
            f"There is no scope {scope[:64]!r}.",
        )
        for index, scope in enumerate(scopes)
        if scope not in SCOPES
    ]
    if not scopes:
        message = "Give at least one scope."
        faults.append(Fault("scopes", FaultCode.FAULT_CODE_REQUIRED, message))
    if faults:
        raise ValidationFailed(faults)


def end_of(request: Any, caller: Caller) -> int | None:
    """Returns when the new token expires: as requested, but not after its maker.

    A token made in a session may outlive it, because the session is the user.
    """
    asked = (
        from_timestamp(request.expires_at) if request.HasField("expires_at") else None
    )
    if asked is not None and asked <= real_now() + SECOND:
        message = "Give a time to come."
        fault = Fault("expires_at", FaultCode.FAULT_CODE_TOO_SMALL, message)
        raise ValidationFailed([fault])
    bound = None if caller.token_kind == TOKEN_KIND_SESSION else caller.expires_at
    ends = [each for each in (asked, bound) if each is not None]
    return min(ends, default=None)
