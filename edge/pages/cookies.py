"""The two cookies: the name of the browser, and the session of its user.

Over TLS their names begin with `__Host-`, so that no other host and no plain connection
can set them. Scripts cannot read them, and forms of other sites do not send them.
"""

import re
import secrets

from sanic import HTTPResponse

from edge.web.visit import Visit

YEAR = 365 * 86_400

_BROWSER = re.compile(r"[A-Za-z0-9_-]{32}")
_SESSION = re.compile(r"pcs_[0-9A-Za-z]{56}")


def session_of(visit: Visit) -> str:
    """The secret of the session; empty if no user is logged in."""
    found = _read(visit, _name("session", visit))
    return found if _SESSION.fullmatch(found) else ""


def browser_of(visit: Visit) -> str:
    """The name of the browser; empty if it has none yet."""
    found = _read(visit, _name("browser", visit))
    return found if _BROWSER.fullmatch(found) else ""


def new_browser() -> str:
    """A name for a browser that has none."""
    return secrets.token_urlsafe(24)


def keep_session(
    answer: HTTPResponse,
    visit: Visit,
    secret: str,
    seconds: int,
) -> None:
    """Sets the cookie of a session; with zero seconds the browser deletes it."""
    _keep(answer, _name("session", visit), secret, seconds)


def keep_browser(answer: HTTPResponse, visit: Visit, browser: str) -> None:
    """Sets the cookie with the browser's name."""
    _keep(answer, _name("browser", visit), browser, YEAR)


def _name(name: str, visit: Visit) -> str:
    secure = visit.base.startswith("https:")
    return f"__Host-{name}" if secure else name


def _read(visit: Visit, name: str) -> str:
    """The value of a cookie; empty if it is absent, or present more than once."""
    pairs = [
        pair.strip().partition("=")
        for header in visit.header("cookie")
        for pair in header.split(";")
    ]
    values = {value for found, _, value in pairs if found == name}
    return values.pop() if len(values) == 1 else ""


def _keep(answer: HTTPResponse, name: str, value: str, seconds: int) -> None:
    secure = "; Secure" if name.startswith("__Host-") else ""
    answer.headers.add(
        "Set-Cookie",
        f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
    )
