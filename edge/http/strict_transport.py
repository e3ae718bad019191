"""What browsers are told where clients come over TLS: to come by nothing else.

It is said over plain HTTP as well, where a proxy ends TLS before us; browsers do not
believe it there (RFC 6797, section 8.1).
"""

from collections.abc import Mapping
from types import MappingProxyType

from edge.settings import EdgeSettings

# A year. Other hosts of the domain are not ours to speak for.
_STRICT = MappingProxyType({"Strict-Transport-Security": "max-age=31536000"})
_NOTHING: Mapping[str, str] = MappingProxyType({})


def transport_headers(settings: EdgeSettings) -> Mapping[str, str]:
    """The headers of every answer of this edge, of any kind."""
    is_secure = settings.serves_tls or (settings.public_url or "").startswith("https:")
    return _STRICT if is_secure else _NOTHING
