"""Passwords: checked a few at a time, and not without end."""

import asyncio

import pytest

from services.errors import Unavailable
from services.iam.passwords import MOST_AT_ONCE, MOST_WAITING, Passwords, hash_password


def test_a_password_fits_its_hash_alone() -> None:
    async def check() -> None:
        passwords = await Passwords.open()
        hashed = await hash_password("secret")
        assert hashed.startswith("$argon2id$")
        assert await passwords.fits(hashed, "secret")
        assert not await passwords.fits(hashed, "Secret")
        assert not await passwords.fits(None, "secret")
        assert not await passwords.fits("no hash", "secret")

    asyncio.run(check())


def test_more_questions_than_can_be_answered_soon_are_refused() -> None:
    async def check() -> None:
        passwords = await Passwords.open()
        most = MOST_AT_ONCE + MOST_WAITING
        asked = [
            asyncio.create_task(passwords.fits("no hash", "x")) for _ in range(most)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await passwords.fits("no hash", "x")
        assert not any(await asyncio.gather(*asked))
        assert not await passwords.fits("no hash", "x")

    asyncio.run(check())
