"""Mail servers: where mail is handed in, and by which login."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from prospectconnect.engagement.v1.senders_pb2 import (
    SMTP_SECURITY_NONE,
    SMTP_SECURITY_STARTTLS,
    SMTP_SECURITY_TLS,
)

TLS, STARTTLS, PLAIN = SMTP_SECURITY_TLS, SMTP_SECURITY_STARTTLS, SMTP_SECURITY_NONE
# The schemes of the operator's server.
_SCHEMES: Mapping[str, int] = {"smtps": TLS, "smtp": STARTTLS, "smtp+plain": PLAIN}
_PORTS: Mapping[int, int] = {TLS: 465, STARTTLS: 587, PLAIN: 25}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `is_trusted`: the operator chose it, so it may be anywhere."""

    host: str
    port: int
    security: int
    username: str = ""
    password: str = field(default="", repr=False)
    is_trusted: bool = False


def server_of_url(url: str) -> Server:
    """The operator's server. Raises ValueError, which does not repeat the URL."""
    try:
        parts = urlsplit(url)
        security, host, port = _SCHEMES[parts.scheme], parts.hostname, parts.port
    except (KeyError, ValueError):
        host, security, port = None, PLAIN, None
    if not host:
        raise ValueError("give a URL such as smtp://user:password@mail.example.com:587")
    return Server(
        host=host,
        port=port or _PORTS[security],
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_trusted=True,
    )


def server_of_row(smtp: Mapping[str, Any], password: str) -> Server:
    """A sender's own server, as its record has it."""
    return Server(
        host=smtp["host"],
        port=smtp["port"],
        security=smtp["security"],
        username=smtp.get("username") or "",
        password=password,
    )
