"""The settings of the edge, read once by whoever starts it and passed in."""

from dataclasses import dataclass, field

from edge.gates.access import Limit
from edge.http.address import Network


@dataclass(frozen=True, slots=True)
class AddressLimits:
    """What one network address may do, outside `/v1` where no token is known yet."""

    # Apps registered (contract, section 4).
    registrations: Limit = field(default=Limit(200, 3_600))
    # Attempts to log in that failed; those that went well are given back.
    failed_logins: Limit = field(default=Limit(100, 600))
    # Requests for tokens and about them. An app's server is one address for all of
    # its users, so this is generous.
    endpoint_requests: Limit = field(default=Limit(12_000, 60))
    # Pages, and the authorization requests that lead to them.
    pages: Limit = field(default=Limit(3_000, 60))
    # Of these the authorization requests: nobody has logged in yet, and each is kept
    # until it is answered or too old. A company may have one address.
    authorizations: Limit = field(default=Limit(300, 60))


@dataclass(frozen=True, slots=True)
class ClientTimes:
    """How long a client may take. Seconds; one look more may pass until it is seen."""

    # How often each connection is looked at.
    look: float = 5.0
    # For the first byte, and for a head from its first byte to its last.
    head: float = 10.0
    # For the rest of a body that was answered before it was read.
    unread_body: float = 10.0
    # For another part of an answer, once no more can be written.
    answer_part: float = 30.0
    # For the next request, while most of the connections that there may be are there.
    idle_in_crowd: float = 5.0


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What the edge can be told. Times are seconds."""

    # What the type URIs of problems begin with.
    problem_base: str = "https://papi.prospectconnect.ai/problems/"
    # Where clients reach the edge, e.g. `https://api.example.com`. None: taken
    # from the Host header.
    public_url: str | None = None
    # Whether the edge itself ends TLS. Clients come over it then, or where
    # `public_url` says so.
    serves_tls: bool = False
    # Where to write about a hole, e.g. `mailto:security@example.com`. None: not told.
    security_contact: str | None = None
    # Proxies that may say in `X-Forwarded-For` whom they pass on. None of them: a
    # client's address is that of its connection.
    trusted_proxies: tuple[Network, ...] = ()
    # Every request is answered within this time.
    request_deadline_seconds: float = 30.0
    # Requests beyond so many at once are refused, before they are looked at.
    max_in_flight: int = 512
    # Larger bodies are refused.
    max_body_bytes: int = 1024 * 1024
    # More connections are refused.
    max_clients: int = 10_000
    client_times: ClientTimes = ClientTimes()
    # How long the caller behind a token is remembered. Together with the time
    # that the services take to see a revocation it must stay under a second.
    caller_cache_seconds: float = 0.4
    # How many callers are remembered at most.
    caller_cache_size: int = 10_000
    address_limits: AddressLimits = AddressLimits()
    # Whether apps may register themselves. The services decide; this is told to apps.
    registration_is_open: bool = True
    # One line for each request.
    log_requests: bool = True
