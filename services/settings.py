"""What the services need to know from outside. Read once at start and passed in."""

from dataclasses import dataclass, field

_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class OauthSettings:
    """How long what belongs to OAuth lives, in seconds, and who may register.

    `registration` is `open`, `closed`, or `token`: by `registration_token` alone.
    """

    request_seconds: int = 600
    code_seconds: int = 60
    access_token_seconds: int = _HOUR
    refresh_token_seconds: int = 30 * _DAY
    session_seconds: int = 12 * _HOUR
    registration: str = "open"
    registration_token: str = ""
    # All addresses together; each address has a limit of its own at the edge.
    registrations_per_hour: int = 5_000
    unused_app_seconds: int = 30 * _DAY
    audit_seconds: int = 90 * _DAY


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of one services process.

    `caller_cache_seconds` and the edge's own bound add up to the time within which
    a revoked token is refused everywhere; together they stay below one second.
    """

    database_url: str
    max_connections: int = 20
    # How many calls of one tenant wait for their turn at most.
    max_waiting: int = 256
    caller_cache_seconds: float = 0.4
    # What edges send over a socket to show that they are some; any of them will do.
    edge_secrets: tuple[str, ...] = ()
    oauth: OauthSettings = field(default_factory=OauthSettings)
    # Statements that take longer are logged; infinite for none.
    slow_statement_seconds: float = float("inf")
    # One line for each call over a socket.
    log_calls: bool = False
