"""Texts of settings that say more than one value: rates, networks and times."""

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator

from edge.settings import Network

_RATE_LIMIT = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,5})([smh])")
_DURATION = re.compile(r"([1-9][0-9]{0,5})([smhd])")
LONGEST_WINDOW = 31 * 86_400
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_rate_limit(text: str) -> tuple[int, int]:
    """Reads `100/10s` as 100 requests in 10 seconds; the units are s, m and h.

    Raises ValueError.
    """
    found = _RATE_LIMIT.fullmatch(text)
    if found is None:
        message = f"{text!r} is not a rate limit such as 100/10s, 1000/1m or 5000/1h."
        raise ValueError(message)
    seconds = int(found[2]) * _UNIT_SECONDS[found[3]]
    if seconds > LONGEST_WINDOW:
        raise ValueError("A rate limit's window is at most 31 days long.")
    return int(found[1]), seconds


def parse_networks(text: str) -> tuple[Network, ...]:
    """Reads addresses and networks, e.g. `10.0.0.0/8, ::1`. Raises ValueError."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def parse_duration(text: str) -> timedelta:
    """Reads `30d` as thirty days; the units are s, m, h and d. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration such as 90s, 15m, 12h or 30d.")
    return timedelta(seconds=int(found[1]) * _UNIT_SECONDS[found[2]])


def _checked(parse: Callable[[str], object]) -> AfterValidator:
    """Validates a text that is parsed later, and keeps it unchanged."""

    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


RateLimit = Annotated[str, _checked(parse_rate_limit)]
Networks = Annotated[str, _checked(parse_networks)]
