"""The secrets of webhooks, as Standard Webhooks has them. They are stored sealed."""

import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from services.sealed.vault import Vault

PREFIX = "whsec_"
_BYTES = 32

# A stored secret: its text sealed, and the moment at which it ends, if it does.
Stored = dict[str, Any]


def new_secret() -> str:
    """A new secret: 32 random bytes."""
    return PREFIX + b64encode(os.urandom(_BYTES)).decode()


def stored(vault: Vault, secret: str, *about: str) -> Stored:
    """A secret as the database has it; `about` are the tenant and the webhook."""
    return {"sealed": vault.seal(secret, *about), "until": None}


def valid(
    vault: Vault, kept: Sequence[Mapping[str, Any]], moment: int, *about: str
) -> list[str]:
    """The secrets that sign at a moment, the newest first.

    A secret is left out whose key this process does not know yet.
    """
    found = (
        vault.open(each["sealed"], *about)
        for each in kept
        if each["until"] is None or each["until"] > moment
    )
    return [each for each in found if each is not None]


def rotated(kept: Sequence[Stored], new: Stored, moment: int, end: int) -> list[Stored]:
    """The secrets with a new one: the last one goes on until `end`, others end."""
    last = kept[:1] if end > moment else []
    return [new, *({**each, "until": end} for each in last)]
