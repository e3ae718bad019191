"""Advisories as the package index has them: `vulnerabilities` of a release's JSON."""

import asyncio
from collections.abc import Iterable

import aiohttp

from tests.supply.lock import Pin

AT_ONCE = 8
PATIENCE = aiohttp.ClientTimeout(total=20)

# None where the index did not say.
Answers = dict[Pin, list[str] | None]


async def ask_all(index: str, pins: Iterable[Pin]) -> Answers:
    """Asks an index, e.g. `https://pypi.org/pypi`, about every pin."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(timeout=PATIENCE, trust_env=True) as session:

        async def ask(pin: Pin) -> list[str] | None:
            async with turns:
                return await _ask(session, index, pin)

        pins = list(pins)
        answers = await asyncio.gather(*map(ask, pins))
    return dict(zip(pins, answers, strict=True))


async def _ask(
    session: aiohttp.ClientSession, index: str, pin: Pin
) -> list[str] | None:
    url = f"{index}/{pin.name}/{pin.version}/json"
    try:
        async with session.get(url) as answer:
            answer.raise_for_status()
            release = await answer.json(content_type=None)
        found = release["vulnerabilities"]
        return [str(each["id"]) for each in found if not each.get("withdrawn")]
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
        return None
