"""What the services need to know from outside. Read once at start and passed in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of one services process.

    `caller_cache_seconds` and the edge's own bound add up to the time within which
    a revoked token is refused everywhere; together they stay below one second.
    """

    database_url: str
    max_connections: int = 10
    caller_cache_seconds: float = 0.4
