"""The settings of the edge, which the program that starts it reads and passes in."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from edge.limits.limit import Limit

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class AddressLimits:
    """The limits of one network address outside `/v1`, where requests have no token."""

    # Registrations of apps (contract, section 4).
    registrations: Limit = field(default=Limit(200, 3_600))
    # Failed logins; a good one is given back.
    failed_logins: Limit = field(default=Limit(100, 600))
    # Requests for tokens and about them. An app's server is one address for all of
    # its users, so this is generous.
    endpoint_requests: Limit = field(default=Limit(12_000, 60))
    # Pages, and the authorization requests that lead to them.
    pages: Limit = field(default=Limit(3_000, 60))
    # The authorization requests among these. Each is stored until it is answered or
    # expires, though nobody has logged in. A company may have one address.
    authorizations: Limit = field(default=Limit(300, 60))
    # Answers to "Was this page helpful?", which are counted.
    votes: Limit = field(default=Limit(30, 3_600))
    # Meetings that visitors book; a company may have one address. All addresses
    # together have the other limit for one page.
    bookings: Limit = field(default=Limit(60, 3_600))
    bookings_of_page: Limit = field(default=Limit(600, 3_600))


@dataclass(frozen=True, slots=True)
class ClientTimes:
    """How long a client may take, in seconds; up to one `look` more may pass."""

    # The time between two looks at a connection.
    look: float = 5.0
    # For the first byte, and for a head from its first byte to its last.
    head: float = 10.0
    # For the rest of a body that was answered before it was read.
    unread_body: float = 10.0
    # To take another part of an answer that waits to be sent.
    answer_part: float = 30.0
    # For the next request, while the number of connections is near its limit.
    idle_in_crowd: float = 5.0


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """The settings. Times are in seconds."""

    # What the type URIs of problems begin with.
    problem_base: str = "https://papi.prospectconnect.ai/problems/"
    # Where clients reach the edge, e.g. `https://api.example.com`. None: taken
    # from the Host header.
    public_url: str | None = None
    # Where clients reach the gRPC services, HOST:PORT. None: at `grpc_port`, at the
    # host where they reach the edge. Samples have it.
    public_grpc: str | None = None
    grpc_port: int = 50_051
    # Whether the edge itself ends TLS. Clients come over it then, or where
    # `public_url` says so.
    serves_tls: bool = False
    # Where to report a vulnerability, e.g. `mailto:security@example.com`. None: no
    # `security.txt` is served.
    security_contact: str | None = None
    # The proxies whose `X-Forwarded-For` is believed. Without any, a client's address
    # is that of its connection.
    trusted_proxies: tuple[Network, ...] = ()
    # Every request is answered within this time.
    request_deadline_seconds: float = 30.0
    # More concurrent requests are refused before they are read.
    max_in_flight: int = 512
    # Larger bodies are refused.
    max_body_bytes: int = 1024 * 1024
    # More requests that wait for changes are refused: streams, and reads that wait.
    max_readers: int = 10_000
    # Of these, the most that are calls which wait: all but streams.
    max_waits: int = 10_000
    # More connections are refused.
    max_clients: int = 14_000
    client_times: ClientTimes = ClientTimes()
    # How long the caller behind a token is cached. Together with the time until the
    # services notice a revocation it must stay under a second.
    caller_cache_seconds: float = 0.4
    # How many callers are cached at most.
    caller_cache_size: int = 10_000
    address_limits: AddressLimits = AddressLimits()
    # Whether apps may register themselves. The services decide; the edge tells apps.
    registration_is_open: bool = True
    # One line for each request.
    log_requests: bool = True
