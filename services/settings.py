"""The settings of the services, read once at start and passed in."""

from dataclasses import dataclass, field

_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class OauthSettings:
    """Lifetimes of OAuth data in seconds, and who may register apps.

    `registration` is `open`, `closed`, or `token` (only with `registration_token`).
    """

    request_seconds: int = 600
    code_seconds: int = 60
    access_token_seconds: int = _HOUR
    refresh_token_seconds: int = 30 * _DAY
    session_seconds: int = 12 * _HOUR
    registration: str = "open"
    registration_token: str = ""
    # For all network addresses together. The edge limits each single address.
    registrations_per_hour: int = 5_000
    unused_app_seconds: int = 30 * _DAY
    audit_seconds: int = 400 * _DAY


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of one services process.

    A revoked token is refused everywhere after `caller_cache_seconds` plus the same
    setting of the edge; together they stay below one second.
    """

    database_url: str
    max_connections: int = 20
    # The most calls of one tenant that wait for their turn.
    max_waiting: int = 256
    caller_cache_seconds: float = 0.4
    # The secrets by which edges prove themselves over a socket. Any of them is valid.
    edge_secrets: tuple[str, ...] = ()
    oauth: OauthSettings = field(default_factory=OauthSettings)
    # Statements that take longer are logged. Infinite: none is logged.
    slow_statement_seconds: float = float("inf")
    # Logs one line for each call over a socket.
    log_calls: bool = False
    # The changes of records are kept for so many days.
    changes_days: int = 365
    # The feed tells changes for so many days, no more than they are kept.
    feed_days: int = 30
    # The dates of the contracts, oldest first, as which webhooks can send changes.
    contracts: tuple[str, ...] = ()
    # Runs jobs, and delivers to webhooks. Otherwise other processes do.
    runs_jobs: bool = True
    # Where files lie: a folder, or s3://bucket/prefix. Empty: there is no store.
    files: str = ""
    # A file of an export has so many bytes at most; larger exports have several.
    export_file_bytes: int = 1024**3
    # Webhooks may have private and loopback addresses, and plain HTTP.
    webhooks_private_addresses: bool = False
    # The ports of this machine that no webhook may name; None stands for none.
    own_ports: frozenset[int | None] = frozenset()
    # The address under which people reach this API, for links in mail.
    public_url: str = ""
    # The operator's mail server, for senders without one. Empty: there is none.
    smtp_url: str = field(default="", repr=False)
