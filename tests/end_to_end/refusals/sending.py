"""Requests that are wrong as HTTP already: methods, media types, sizes, places."""

from dataclasses import dataclass
from urllib.parse import urlencode

from tests.harness.people.web_app import FORM, JSON

MEGABYTE = b"x" * 1_048_576
TOKEN, REVOKE, INTROSPECT = "/oauth/token", "/oauth/revoke", "/oauth/introspect"
REGISTER, AUTHORIZE = "/oauth/register", "/oauth/authorize"

_GOOD = urlencode({"grant_type": "refresh_token", "refresh_token": "x"})
_MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request as it is sent. `error` is empty where a person is answered."""

    rule: str
    title: str
    line: str
    headers: dict[str, str]
    body: bytes | None
    status: int
    error: str = "invalid_request"

    def __str__(self) -> str:
        return f"{self.rule}: {self.title}"


def _page(rule: str, title: str, line: str, status: int, body: bytes = b"") -> Wrong:
    return Wrong(rule, title, line, FORM, body, status, "")


def _form(rule: str, title: str, line: str, body: bytes, status: int = 400) -> Wrong:
    return Wrong(rule, title, line, FORM, body, status)


WRONG = (
    Wrong("6749 3.2", "tokens by GET", f"GET {TOKEN}", {}, None, 405),
    Wrong("6749 3.2", "tokens by PUT", f"PUT {TOKEN}", FORM, b"", 405),
    Wrong("6749 3.2", "revocation by GET", f"GET {REVOKE}", {}, None, 405),
    Wrong("7662 2.1", "introspection by GET", f"GET {INTROSPECT}", {}, None, 405),
    Wrong("7591 3.1", "registration by GET", f"GET {REGISTER}", {}, None, 405),
    Wrong(
        "8414 3.1",
        "metadata by POST",
        "POST /.well-known/oauth-authorization-server",
        {},
        b"",
        405,
    ),
    _page("6749 3.1", "authorization by POST", f"POST {AUTHORIZE}", 405),
    _page("6749 3.1", "authorization by PUT", f"PUT {AUTHORIZE}", 405),
    Wrong(
        "6749 3.2", "tokens by JSON", f"POST {TOKEN}", JSON, b'{"grant_type": "x"}', 400
    ),
    Wrong(
        "6749 3.2", "tokens by multipart", f"POST {TOKEN}", _MULTIPART, b"--x--", 400
    ),
    Wrong("6749 3.2", "of no media type", f"POST {TOKEN}", {}, _GOOD.encode(), 400),
    Wrong("7009 2.1", "revocation by JSON", f"POST {REVOKE}", JSON, b"{}", 400),
    Wrong(
        "7591 3.1",
        "registration as a form",
        f"POST {REGISTER}",
        FORM,
        b"a=b",
        400,
        "invalid_client_metadata",
    ),
    _form("6749 3.2", "an empty body", f"POST {TOKEN}", b""),
    _form("6749 3.2", "a body that is not UTF-8", f"POST {TOKEN}", b"grant_type=%ff"),
    _form(
        "6749 3.2",
        "101 parameters",
        f"POST {TOKEN}",
        b"&".join(b"p%d=1" % n for n in range(101)),
    ),
    _form("9700 4.3.2", "a secret in the address", f"POST {TOKEN}?{_GOOD}", b""),
    _form("9700 4.3.2", "a token there", f"POST {REVOKE}?token=x", b"token=x"),
    _form(
        "6749 3.2",
        "1 MiB for a code",
        f"POST {TOKEN}",
        b"grant_type=authorization_code&code=" + MEGABYTE,
        413,
    ),
    _form(
        "6749 3.2",
        "1 MiB for a client_id",
        f"POST {TOKEN}",
        b"client_id=" + MEGABYTE,
        413,
    ),
    _form(
        "7636 4.1",
        "1 MiB for a verifier",
        f"POST {TOKEN}",
        b"code_verifier=" + MEGABYTE,
        413,
    ),
    _form("7009 2.1", "1 MiB for a token", f"POST {REVOKE}", b"token=" + MEGABYTE, 413),
    _form(
        "7662 2.1", "1 MiB for a token", f"POST {INTROSPECT}", b"token=" + MEGABYTE, 413
    ),
    Wrong(
        "7591 3.1",
        "1 MiB for a name",
        f"POST {REGISTER}",
        JSON,
        b'{"client_name": "' + MEGABYTE + b'"}',
        413,
    ),
    _page(
        "9700 4.7",
        "1 MiB for a password",
        "POST /oauth/login",
        413,
        b"password=" + MEGABYTE,
    ),
    _page(
        "9700 4.7",
        "1 MiB for an answer",
        "POST /oauth/consent",
        413,
        b"answer=" + MEGABYTE,
    ),
    _page(
        "6749 3.1", "a query that is not UTF-8", f"GET {AUTHORIZE}?client_id=%ff", 400
    ),
    _page(
        "6749 3.1",
        "101 parameters in it",
        f"GET {AUTHORIZE}?{'&'.join(f'p{n}=1' for n in range(101))}",
        400,
    ),
)
