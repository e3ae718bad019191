"""Redirect URIs: which ones an app may register, and which it may use.

Codes are sent only to a registered URI. URIs are compared exactly, as text; only the
port of a loopback host may differ (RFC 9700, section 2.1; RFC 8252, section 7.3).
"""

import re
from ipaddress import AddressValueError, IPv6Address

MOST_CHARACTERS = 2_048
LOOPBACK = ("127.0.0.1", "[::1]", "localhost")

# The characters of a URI in RFC 3986, without `#` (a fragment) and `*` (a wildcard).
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()+,;=%-]+")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_WEB = re.compile(r"(https?)://([^/?]*)([/?].*)?")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
# A private scheme is a domain of the app, reversed (RFC 8252, 7.1).
_PRIVATE = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:/.*")


def fault_of_redirect(uri: str) -> str:
    """Returns why an app may not register a redirect URI, "" if it may."""
    if fault := _fault_of_text(uri):
        return fault
    if _PRIVATE.fullmatch(uri):
        return ""
    return _fault_of_web(uri)


def fault_of_page(uri: str) -> str:
    """Returns why an app may not register a link to a page, "" if it may."""
    return _fault_of_text(uri) or _fault_of_web(uri)


def matches(registered: str, given: str) -> bool:
    """Whether a redirect URI is the registered one."""
    if registered == given:
        return True
    if len(given) > MOST_CHARACTERS:
        return False
    one, other = _loopback_parts(registered), _loopback_parts(given)
    return one is not None and one == other


def without_port(uri: str) -> str:
    """Removes the port of a redirect URI with a loopback host."""
    parts = _loopback_parts(uri)
    return uri if parts is None else f"http://{parts[0]}{parts[1]}"


def host_of(uri: str) -> str:
    """Returns the host that a user is sent to, "" for the user's own device."""
    web = _WEB.fullmatch(uri)
    if web is None:
        return ""
    host = web[2].rpartition(":")[0] if _has_port(web[2]) else web[2]
    return "" if host.lower() in LOOPBACK else host.lower()


def _fault_of_text(uri: str) -> str:
    if len(uri) > MOST_CHARACTERS:
        return f"A URI has more than {MOST_CHARACTERS} characters."
    if "#" in uri:
        return "A URI has a fragment."
    if not _CHARACTERS.fullmatch(uri) or _STRAY_PERCENT.search(uri):
        return "A URI is empty or has characters that it may not have."
    return ""


def _fault_of_web(uri: str) -> str:
    web = _WEB.fullmatch(uri)
    if web is None:
        return "A URI must be https, http on a loopback host, or a scheme with a dot."
    authority = _AUTHORITY.fullmatch(web[2])
    if authority is None or not _is_host(authority[1]):
        return "A URI needs a host, and no user."
    if authority[2] is not None and not 1 <= int(authority[2]) <= 65_535:
        return "A URI has a port that is none."
    if web[1] == "http" and authority[1] not in LOOPBACK:
        return "A URI must be https, unless its host is 127.0.0.1, [::1] or localhost."
    return ""


def _is_host(text: str) -> bool:
    if not text.startswith("["):
        return len(text) <= 253 and _HOST.fullmatch(text) is not None
    try:
        IPv6Address(text[1:-1])
    except AddressValueError:
        return False
    return True


def _loopback_parts(uri: str) -> tuple[str, str] | None:
    """Splits a loopback URI into host and rest, without the port. None otherwise."""
    web = _WEB.fullmatch(uri)
    if web is None or web[1] != "http":
        return None
    authority = _AUTHORITY.fullmatch(web[2])
    if authority is None or authority[1] not in LOOPBACK:
        return None
    if authority[2] is not None and not 1 <= int(authority[2]) <= 65_535:
        return None
    return authority[1], web[3] or ""


def _has_port(authority: str) -> bool:
    found = _AUTHORITY.fullmatch(authority)
    return found is not None and found[2] is not None
