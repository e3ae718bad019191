"""How Sanic is configured: it takes what the edge judges itself."""

from math import ceil

from sanic.config import Config

from edge.settings import EdgeSettings


def config_of(settings: EdgeSettings) -> Config:
    """Returns the configuration of the application."""
    config = Config(env_prefix=None)  # settings come in, not from the environment
    config.AUTO_EXTEND = False
    config.MOTD = False
    # The handlers keep the limit. After an early answer Sanic reads up to this many
    # bytes more, so that the client can finish sending and read the answer.
    config.REQUEST_MAX_SIZE = 64 * settings.max_body_bytes
    # The most that Sanic takes: an authorization request is one long line.
    config.REQUEST_MAX_HEADER_SIZE = 16_384
    # The edge keeps its own deadlines; this one is the last resort.
    config.RESPONSE_TIMEOUT = ceil(settings.request_deadline_seconds) + 5
    return config
