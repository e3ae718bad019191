"""Bearer tokens in headers (RFC 6750): read from requests, required by answers."""

import re

from edge.problems import ProblemError

# RFC 6750, section 2.1. Longer tokens would not fit into gRPC metadata.
_BEARER = re.compile(
    r"[ \t]*bearer +([A-Za-z0-9._~+/-]{1,2048}=*)[ \t]*", re.IGNORECASE
)


def bearer_token(headers: list[str]) -> str:
    """The token of the one `Authorization` header.

    Args:
        headers: The values of all `Authorization` headers.

    Raises:
        ProblemError: TOKEN_MISSING or TOKEN_INVALID.
    """
    found = _BEARER.fullmatch(headers[0]) if len(headers) == 1 else None
    if found is not None:
        return found[1]
    if not any(header[:7].lower() == "bearer " for header in headers):
        detail = "The request needs a token: Authorization: Bearer ..."
        raise ProblemError("TOKEN_MISSING", detail)
    raise ProblemError("TOKEN_INVALID", "The Authorization header is malformed.")


def challenge(error: ProblemError, metadata_url: str | None) -> dict[str, str]:
    """The `WWW-Authenticate` header for a problem; empty if it needs none.

    RFC 6750 section 3: no error attribute if no token was sent. RFC 9728 section 5.1:
    the address of the protected resource's metadata.
    """
    shown = {"realm": "ProspectConnect"}
    if error.reason == "TOKEN_INVALID":
        shown["error"] = "invalid_token"
    elif error.reason == "SCOPE_DENIED":
        shown["error"] = "insufficient_scope"
        shown["scope"] = error.members["required"]
    elif error.reason != "TOKEN_MISSING":
        return {}
    if metadata_url:
        shown["resource_metadata"] = metadata_url
    pairs = ", ".join(f'{name}="{value}"' for name, value in shown.items())
    return {"WWW-Authenticate": f"Bearer {pairs}"}
