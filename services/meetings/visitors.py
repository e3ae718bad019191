"""Visitors: people without a login, as the caller of the few methods that they may use.

Their pages show one meeting type and their own booking, and nothing of anybody else.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from services import roles
from services.caller import CURRENT_CALL, NOBODY, Call, Caller, current_call
from services.clock import AHEAD
from services.errors import FormInvalid, NotFound, Unavailable
from services.postgres.database import FENCE, RESET, Database
from services.sealed.forms import TOKEN_BYTES, Forms

# What a booking by a visitor takes, and no more.
_PERMISSIONS = frozenset(
    f"{resource}.{action}"
    for resource in ("booking", "contact", "meeting_type")
    for action in roles.ACTIONS[:2]
) - {"meeting_type.write"}

_TENANT = """
SELECT business_id, name, currency, schema_generation, has_merges, sandbox_of,
  clock_ahead, resets, resetting_since IS NOT NULL
FROM tenants WHERE slug = $1 AND (ends_at IS NULL OR ends_at > now())
"""
_DIGITS = 24
_TOKEN = -(-TOKEN_BYTES * 4 // 3)
_BOOKING = "bkg_"
_OF_BOOKING, _TO_CHANGE = "address of a booking", "form of a booking"


async def visitor_of(database: Database, slug: str) -> Caller:
    """The caller for the visitors of a tenant. Raises `NotFound`."""
    row = await database.row(_TENANT, slug) if slug else None
    if row is None:
        raise NotFound
    return Caller(
        business_id=row[0],
        business_name=row[1],
        currency=row[2],
        user_id="",
        role="",
        token_id="",
        token_kind=NOBODY.token_kind,
        client_id="",
        scopes=(),
        scope_permissions=_PERMISSIONS,
        role_permissions=_PERMISSIONS,
        own_only=frozenset(),
        token_limit=NOBODY.token_limit,
        tenant_limit=NOBODY.tenant_limit,
        expires_at=None,
        schema_generation=row[3],
        has_merges=row[4],
        sandbox=row[5] is not None,
        sandbox_of=row[5] or "",
        clock_ahead=row[6],
        resets=row[7],
        is_resetting=row[8],
    )


@contextmanager
def visiting(caller: Caller, *, writes: bool) -> Iterator[None]:
    """Lets the running task work for a visitor, in a sandbox by its clock."""
    if caller.is_resetting and writes:
        raise Unavailable(RESET)
    fenced = caller.sandbox and writes
    fence = FENCE.set((caller.business_id, caller.resets) if fenced else None)
    ahead = AHEAD.set(caller.clock_ahead)
    outer = current_call()
    call = CURRENT_CALL.set(Call(caller, traceparent=outer.traceparent))
    try:
        yield
    finally:
        CURRENT_CALL.reset(call)
        AHEAD.reset(ahead)
        FENCE.reset(fence)


def secret_of(forms: Forms, business_id: str, booking_id: str) -> str:
    """The secret in the address of a booking, which is made anew each time.

    So a mail can tell it later, and nothing is stored that opens a booking.
    """
    token = forms.token(_OF_BOOKING, business_id, booking_id)
    return booking_id.removeprefix(_BOOKING) + token


def booking_of(forms: Forms, business_id: str, secret: str) -> str:
    """The id of the booking of an address. Raises `NotFound`."""
    digits, token = secret[:_DIGITS], secret[_DIGITS:]
    booking_id = _BOOKING + digits
    if len(token) != _TOKEN or not secret.isascii():
        raise NotFound
    try:
        forms.check(token, _OF_BOOKING, business_id, booking_id)
    except FormInvalid:
        raise NotFound from None
    return booking_id


def change_token(forms: Forms, business_id: str, booking_id: str) -> str:
    """The token of the forms that move and cancel a booking."""
    return forms.token(_TO_CHANGE, business_id, booking_id)


def check_change(forms: Forms, token: str, business_id: str, booking_id: str) -> None:
    """Raises `FormInvalid` for a form that is not of this booking."""
    forms.check(token, _TO_CHANGE, business_id, booking_id)
