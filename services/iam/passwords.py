"""Passwords: Argon2id, off the event loop and a few at a time.

Whoever asks about a user who is not there waits as long as for one who is. More
questions than can be answered soon are refused, so that log-ins cannot take the
processors away from everything else.
"""

import asyncio
import os
from typing import Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.errors import Unavailable

# Each takes some 64 MiB and 50 ms of a processor, by design.
MOST_AT_ONCE = 2
MOST_WAITING = 30


async def hash_password(password: str) -> str:
    """The hash under which a password is kept."""
    return await asyncio.to_thread(PasswordHasher().hash, password)


class Passwords:
    """Checks passwords. One for each process."""

    def __init__(self, nobodys: str) -> None:
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._asking = 0
        self._nobodys = nobodys

    @classmethod
    async def open(cls) -> Self:
        """Makes what questions about nobody are answered with, and is ready."""
        return cls(await hash_password(os.urandom(16).hex()))

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed; None, nobody's, takes as long.

        Raises `Unavailable` when too many ask already.
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
