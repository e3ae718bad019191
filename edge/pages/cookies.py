"""The two cookies: which browser this is, and who is logged in with it.

Over TLS their names begin with `__Host-`, so that no other host and no plain connection
can set them. No script reads them, and no other site's form sends them.
"""

import re
import secrets

from sanic import HTTPResponse

from edge.web.visit import Visit

YEAR = 365 * 86_400

_BROWSER = re.compile(r"[A-Za-z0-9_-]{32}")
_SESSION = re.compile(r"pcs_[0-9A-Za-z]{56}")


def session_of(visit: Visit) -> str:
    """The secret of the session; empty when nobody is logged in."""
    found = _read(visit, _name("session", visit))
    return found if _SESSION.fullmatch(found) else ""


def browser_of(visit: Visit) -> str:
    """The name that the browser was given; empty when it has none yet."""
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
    """Has the browser keep a session, or with no seconds forget it."""
    _keep(answer, _name("session", visit), secret, seconds)


def keep_browser(answer: HTTPResponse, visit: Visit, browser: str) -> None:
    """Has the browser keep its name."""
    _keep(answer, _name("browser", visit), browser, YEAR)


def _name(name: str, visit: Visit) -> str:
    secure = visit.base.startswith("https:")
    return f"__Host-{name}" if secure else name


def _read(visit: Visit, name: str) -> str:
    """The value of a cookie; empty when it is not there, or there more than once."""
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
