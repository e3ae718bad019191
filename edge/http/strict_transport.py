"""`Strict-Transport-Security`: tells browsers to use only TLS, if clients use TLS.

It is sent over plain HTTP as well, because a proxy may terminate TLS; browsers ignore
it on plain connections (RFC 6797, section 8.1).
"""

from collections.abc import Mapping
from types import MappingProxyType

from edge.settings import EdgeSettings

# A year. It does not include subdomains, because they may belong to others.
_STRICT = MappingProxyType({"Strict-Transport-Security": "max-age=31536000"})
_NOTHING: Mapping[str, str] = MappingProxyType({})


def transport_headers(settings: EdgeSettings) -> Mapping[str, str]:
    """The headers of every answer of this edge, of any kind."""
    is_secure = settings.serves_tls or (settings.public_url or "").startswith("https:")
    return _STRICT if is_secure else _NOTHING
