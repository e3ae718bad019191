"""Receipts: they allow an edge to report the usage of a caller.

A receipt holds tenant, user, holder and day under a MAC. An edge gets it when it
resolves a token. It allows reports about that token only, and is valid until the end of
the next day.
"""

import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION

from services.caller import Caller
from services.clock import EPOCH, real_now
from services.sealed.secret_keys import SecretKeys

SEAL_BYTES, MOST_BYTES = 16, 256

_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The caller and the day of usage. `holder_id` is a token or an app."""

    business_id: str
    user_id: str
    holder_id: str
    day: date


class Receipts:
    """Seals and opens receipts with secret keys."""

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    def seal(self, caller: Caller) -> bytes:
        """Returns the receipt of a caller for today, empty for a session."""
        if caller.token_kind == TOKEN_KIND_SESSION:
            return b""
        holder_id = caller.client_id or caller.token_id
        parts = caller.business_id, caller.user_id, holder_id, today().isoformat()
        payload = "|".join(parts).encode()
        return payload + _mac(self._keys.sealing, payload)

    def open(self, sealed: bytes) -> Receipt | None:
        """Opens a receipt. None if it is not valid or too old."""
        payload, mac = sealed[:-SEAL_BYTES], sealed[-SEAL_BYTES:]
        if len(sealed) > MOST_BYTES or not any(
            hmac.compare_digest(mac, _mac(key, payload)) for key in self._keys.opening
        ):
            return None
        business_id, user_id, holder_id, day = payload.decode().split("|")
        receipt = Receipt(business_id, user_id, holder_id, date.fromisoformat(day))
        return receipt if receipt.day >= today() - _LATE else None


def _mac(key: bytes, payload: bytes) -> bytes:
    return blake2b(payload, key=key, digest_size=SEAL_BYTES).digest()


def today() -> date:
    """Returns the current day in UTC."""
    return (EPOCH + timedelta(microseconds=real_now())).date()
