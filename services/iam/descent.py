"""Descent: a token made with another token is valid only as long as that one is.

`tokens.makers` holds the ids of all tokens that a token descends from. When a token
ends, its descendants are not written. Instead, the look-up of a token checks that all
its makers are still valid. So it does not matter how a token ends, or whether another
token is made with it at the same moment.
"""

from collections.abc import Sequence

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.errors import ValidationFailed
from services.faults import Fault
from services.roles import TOKEN, scope_permissions

# The longest chain of makers. It limits the cost of looking a token up.
MOST_MAKERS = 8


def holds(tokens: str, tenant: str = "$1") -> str:
    """Returns SQL that tests that neither a row of `tokens` nor a maker was revoked.

    `tenant` is SQL of the tenant. Expiry is not tested: no token expires later than its
    maker.
    """
    return f"""{_stands(tokens)} AND (
  {tokens}.makers = '{{}}' OR cardinality({tokens}.makers) = (
    SELECT count(*) FROM tokens AS m
    WHERE m.business_id = {tenant} AND m.id = ANY({tokens}.makers) AND {_stands("m")}
  ) + (
    SELECT count(*) FROM {_live(tenant)} AS live
    JOIN tokens AS m ON m.business_id = live.business_id
    WHERE m.id = ANY({tokens}.makers) AND {_stands("m")}
  )
)"""


def _live(tenant: str) -> str:
    """SQL of the live tenant of a sandbox: a token there made the sandbox's first."""
    return f"""(
      SELECT d.sandbox_of AS business_id FROM tenants AS d
      WHERE d.business_id = {tenant}
    )"""


def _stands(tokens: str) -> str:
    """Returns SQL that tests that a token itself was not revoked.

    The tokens of an app end with the app's row. Any other end of an app's token deletes
    the token's row.
    """
    return f"""{tokens}.revoked_at IS NULL AND (
  {tokens}.client_id = ''
  OR EXISTS (SELECT FROM apps AS p WHERE p.id = {tokens}.client_id)
)"""


def makers_of(caller: Caller, scopes: Sequence[str]) -> tuple[str, ...]:
    """Returns the makers of a token that a caller makes with some scopes.

    A token made in a session has no makers, because the session is the user. Raises
    `ValidationFailed` if the chain is full and a scope would let it grow further.
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
