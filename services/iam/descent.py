"""Descent: a token that was made by a token holds as long as all that it came from do.

`tokens.makers` holds the ids of the tokens that a token descends from. Nothing is
written to them when one of these ends: whoever looks a token up counts its makers that
still hold. So it does not matter by which way a token ends, nor that another is made of
it at that very moment.
"""

from collections.abc import Sequence

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.roles import TOKEN, scope_permissions

# So many are looked at with a token, so that a chain cannot make that dear.
MOST_MAKERS = 8


def holds(tokens: str) -> str:
    """The SQL of whether a row of `tokens` has not been ended, nor any that it
    descends from. The tenant is $1. When a token ends by itself is not looked at: none
    is made that outlives its maker."""
    return f"""{_stands(tokens)} AND (
  {tokens}.makers = '{{}}' OR cardinality({tokens}.makers) = (
    SELECT count(*) FROM tokens AS m
    WHERE m.business_id = $1 AND m.id = ANY({tokens}.makers) AND {_stands("m")}
  )
)"""


def _stands(tokens: str) -> str:
    """The SQL of whether a token was not ended itself. An app ends with its row; what
    else ends an app's token deletes it."""
    return f"""{tokens}.revoked_at IS NULL AND (
  {tokens}.client_id = ''
  OR EXISTS (SELECT FROM apps AS p WHERE p.id = {tokens}.client_id)
)"""


def makers_of(caller: Caller, scopes: Sequence[str]) -> tuple[str, ...]:
    """The makers of a token with some scopes that a caller makes.

    A session is the user themselves: what they make descends from nothing. The last
    token of a longest chain makes none: `ValidationFailed` where it could.
    """
    if caller.token_kind == TOKEN_KIND_SESSION:
        return ()
    makers = (*caller.makers, caller.token_id)
    makes_more = f"{TOKEN}.write"
    faults = [
        Fault(
            f"scopes[{index}]",
            FaultCode.FAULT_CODE_INVALID,
            f"A token that was made through {MOST_MAKERS} others cannot make tokens.",
        )
        for index, scope in enumerate(scopes)
        if len(makers) >= MOST_MAKERS and makes_more in scope_permissions([scope])
    ]
    if faults:
        raise ValidationFailed(faults)
    return makers
