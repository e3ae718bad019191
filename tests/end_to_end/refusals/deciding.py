"""Forms of the pages that count for nothing: CSRF, stolen and stale tokens, pollution.

`browser` and `session` are cookies; the names of `HEADERS` are headers; all else stands
in the form. `error` is what the answer says, or where it leads.
"""

from tests.end_to_end.refusals.case import Case

HEADERS = ("sec-fetch-site", "origin", "content-type", "authorization")
COOKIES = ("browser", "session")

_stale, _wrong, _no = "too old", "is not right", "not one of ours"
_ended, _login = "has ended", "/oauth/login"
_csrf, _fixed = "9700 4.7", "9700 4.7.1"
_EVIL = "https://evil.example"

LOGINS = (
    Case(_csrf, "no form token", {"form_token": None}, _wrong, 403),
    Case(_csrf, "nonsense for one", {"form_token": "x"}, _stale, 403),
    Case(_csrf, "one beyond ASCII", {"form_token": "\u00e9" * 43}, _stale, 403),
    Case(_csrf, "one with NUL", {"form_token": "\0"}, _wrong, 403),
    Case(_csrf, "another browser's", {"form_token": "{others_login}"}, _stale, 403),
    Case(
        _csrf, "one for a request", {"form_token": "{login_for_request}"}, _stale, 403
    ),
    Case(_csrf, "the account page's", {"form_token": "{account}"}, _stale, 403),
    Case(_csrf, "two of them", {"form_token": ("{login}", "x")}, _no),
    Case(_csrf, "no cookie of the browser", {"browser": None}, _stale, 403),
    Case(_csrf, "another browser's cookie", {"browser": "x" * 32}, _stale, 403),
    Case(
        _csrf, "two cookies", {"browser": "{browser}; browser={browser}0"}, _stale, 403
    ),
    Case(_csrf, "from another site", {"sec-fetch-site": "cross-site"}, _stale, 403),
    Case(_csrf, "from a site beside", {"sec-fetch-site": "same-site"}, _stale, 403),
    Case(_csrf, "from another origin", {"origin": _EVIL}, _no, 403),
    Case(_csrf, "from a port beside", {"origin": "http://127.0.0.1:1"}, _no, 403),
    Case(_csrf, "from no origin", {"origin": "https://[x"}, _no, 403),
    Case(_csrf, "as plain text", {"content-type": "text/plain"}, _no),
    Case(_csrf, "as JSON", {"content-type": "application/json"}, _no),
    Case("6819 4.4.3.6", "a wrong password", {"password": "wrong"}, _wrong, 403),
    Case("6819 4.4.3.6", "no password", {"password": None}, _wrong, 403),
    Case("6819 4.4.3.6", "one too long", {"password": "x" * 1_025}, _wrong, 403),
    Case("6819 4.4.3.6", "one with NUL", {"password": "{password}\0"}, _wrong, 403),
    Case("6819 4.4.3.6", "two of them", {"password": ("x", "{password}")}, _no),
    Case("6819 4.4.3.6", "nobody's address", {"email": "a@b.example"}, _wrong, 403),
    Case("6819 4.4.3.6", "SQL for an address", {"email": "' OR true --"}, _wrong, 403),
    Case("6819 4.4.3.6", "another workspace", {"workspace": "other"}, _wrong, 403),
    Case("9700 4.11.2", "a request that is a URI", {"request": _EVIL}, _ended),
    Case("9700 4.11.2", "a request too long", {"request": "x" * 129}, _no),
)

CONSENTS = (
    Case(_csrf, "no form token", {"form_token": None}, _no),
    Case(_csrf, "nonsense for one", {"form_token": "x"}, _no, 403),
    Case(_csrf, "another request's", {"form_token": "{others_consent}"}, _no, 403),
    Case(_csrf, "another user's", {"form_token": "{strangers_consent}"}, _no, 403),
    Case(_csrf, "the login page's", {"form_token": "{login_for_request}"}, _no, 403),
    Case(_csrf, "the account page's", {"form_token": "{account}"}, _no, 403),
    Case(_csrf, "two of them", {"form_token": ("{consent}", "x")}, _no),
    Case(_csrf, "another user's session", {"session": "{strangers_session}"}, _no, 403),
    Case(_csrf, "no session", {"session": None}, _login, 303),
    Case(_csrf, "nonsense for a session", {"session": "x"}, _login, 303),
    Case(_csrf, "a session nobody made", {"session": "pcs_" + "0" * 56}, _login, 303),
    Case(_csrf, "a token for a session", {"session": "{pat}"}, _login, 303),
    Case(
        _csrf,
        "a token in a header",
        {"session": None, "authorization": "Bearer {pat}"},
        _login,
        303,
    ),
    Case(
        _csrf,
        "a session in a header",
        {"session": None, "authorization": "Session {session}"},
        _login,
        303,
    ),
    Case(_csrf, "from another site", {"sec-fetch-site": "cross-site"}, _no, 403),
    Case(_csrf, "from a site beside", {"sec-fetch-site": "same-site"}, _no, 403),
    Case(_csrf, "from another origin", {"origin": _EVIL}, _no, 403),
    Case(_csrf, "as plain text", {"content-type": "text/plain"}, _no),
    Case("6749 10.13", "no answer", {"answer": None}, _ended),
    Case("6749 10.13", "neither yes nor no", {"answer": "perhaps"}, _ended),
    Case("6749 10.13", "yes and no", {"answer": ("deny", "allow")}, _no),
    Case("6749 10.13", "no request", {"request": None}, _no),
    Case(
        "6749 10.13", "a request nobody made", {"request": "pcq_" + "0" * 39}, _no, 403
    ),
    Case("6749 10.13", "another request", {"request": "{other_request}"}, _no, 403),
    Case("6749 10.13", "two requests", {"request": ("{request}", "x")}, _no),
    Case("9700 4.11.2", "a request that is a URI", {"request": _EVIL}, _no, 403),
)

# Of the user's own pages: the form that takes access back, and the one that logs out.
TAKINGS_BACK = (
    Case(_csrf, "no form token", {"form_token": None}, _no),
    Case(_csrf, "nonsense for one", {"form_token": "x"}, _no, 403),
    Case(_csrf, "another user's", {"form_token": "{strangers_account}"}, _no, 403),
    Case(_csrf, "a consent's", {"form_token": "{consent}"}, _no, 403),
    Case(_csrf, "another session", {"session": "{strangers_session}"}, _no, 403),
    Case(_csrf, "no session", {"session": None}, _login, 303),
    Case(_csrf, "from another site", {"sec-fetch-site": "cross-site"}, _no, 403),
    Case(_csrf, "from another origin", {"origin": _EVIL}, _no, 403),
)
LOGOUTS = (
    Case(_csrf, "no form token", {"form_token": None}, _no),
    Case(_csrf, "nonsense for one", {"form_token": "x"}, _no, 403),
    Case(_csrf, "another user's", {"form_token": "{strangers_account}"}, _no, 403),
    Case(_csrf, "from another site", {"sec-fetch-site": "cross-site"}, _no, 403),
)
