"""Hashes and checks passwords with Argon2id, in threads and a few at a time.

The check for an unknown user takes as long as for a known one. If too many checks wait,
further ones are refused, so that logins cannot use up the processors.
"""

import asyncio
import os
from typing import Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.errors import Unavailable

# By design, a check takes about 64 MiB and 50 ms of CPU time.
MOST_AT_ONCE = 2
MOST_WAITING = 30


async def hash_password(password: str) -> str:
    """Returns the hash under which a password is stored."""
    return await asyncio.to_thread(PasswordHasher().hash, password)


class Passwords:
    """Checks passwords. One for each process."""

    def __init__(self, nobodys: str) -> None:
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._asking = 0
        self._nobodys = nobodys

    @classmethod
    async def open(cls) -> Self:
        """Prepares the hash that is checked for unknown users."""
        return cls(await hash_password(os.urandom(16).hex()))

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Whether a password fits a hash. None never fits, and takes as long.

        Raises `Unavailable` if too many checks wait already.
        """
        if self._asking >= MOST_AT_ONCE + MOST_WAITING:
            raise Unavailable
        self._asking += 1
        try:
            async with self._turns:
                right = await asyncio.to_thread(
                    _verify, hashed or self._nobodys, password
                )
        finally:
            self._asking -= 1
        return right and hashed is not None


def _verify(hashed: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
