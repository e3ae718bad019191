"""The settings of the edge, read once by whoever starts it and passed in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What the edge can be told. Times are seconds."""

    # What the type URIs of problems begin with.
    problem_base: str = "https://papi.prospectconnect.ai/problems/"
    # Where clients reach the edge, e.g. `https://api.example.com`. None: taken
    # from the Host header.
    public_url: str | None = None
    # Every request is answered within this time.
    request_deadline_seconds: float = 30.0
    # Larger bodies are refused.
    max_body_bytes: int = 1024 * 1024
    # How long the caller behind a token is remembered. Together with the time
    # that the services take to see a revocation it must stay under a second.
    caller_cache_seconds: float = 0.4
    # How many callers are remembered at most.
    caller_cache_size: int = 10_000
    # One line for each request.
    log_requests: bool = True
