"""Authorization requests. The first table is told to the app, where it registered; the
second to the user alone, because there is no address to trust."""

from tests.end_to_end.refusals.case import Case
from tests.harness.people.oauth import CALLBACK

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
MEGABYTE = "x" * 1_000_000

_bad, _scope, _target = "invalid_request", "invalid_scope", "invalid_target"
_type = "unsupported_response_type"

TOLD_TO_THE_APP = (
    Case("6749 3.1", "state given twice", {"state": ("a", "b")}, _bad),
    Case("6749 3.1", "scope given twice", {"scope": ("deal.read",) * 2}, _bad),
    Case("6749 3.1", "an unknown parameter twice", {"utm": ("1", "2")}, _bad),
    Case("6749 3.1", "once empty, once not", {"scope": ("", "deal.read")}, _bad),
    Case("6749 3.1.1", "no response_type", {"response_type": None}, _bad),
    Case("6749 3.1.1", "an empty response_type", {"response_type": ""}, _bad),
    Case("6749 3.1.1", "an unknown one", {"response_type": "cod"}, _type),
    Case("6749 3.1.1", "in capitals", {"response_type": "CODE"}, _type),
    Case("6749 3.1.1", "given twice", {"response_type": ("code", "token")}, _bad),
    Case("6749 3.3", "an unknown scope", {"scope": "everything"}, _scope),
    Case("6749 3.3", "known and unknown", {"scope": "deal.read x"}, _scope),
    Case("6749 3.3", "two spaces", {"scope": "deal.read  note.read"}, _scope),
    Case("6749 3.3", "a tab between", {"scope": "deal.read\tnote.read"}, _scope),
    Case("6749 3.3", "a scope in capitals", {"scope": "DEAL.READ"}, _scope),
    Case("6749 3.3", "a scope with NUL", {"scope": "deal.read\0"}, _scope),
    Case("6749 3.3", "a wildcard scope", {"scope": "deal.*"}, _scope),
    Case("6749 4.1.1", "a state with NUL", {"state": "a\0"}, _bad),
    Case("6749 4.1.1", "a state with a line break", {"state": "a\r\nX: b"}, _bad),
    Case("6749 4.1.1", "a state beyond ASCII", {"state": "\u00e9"}, _bad),
    Case("6749 4.1.1", "a state too long", {"state": "x" * 4_097}, _bad),
    Case(
        "6749 4.1.1",
        "with its resource too long",
        {"state": "x" * 4_096, "resource": "{v1}"},
        _bad,
    ),
    Case("7636 4.2", "a challenge cut short", {"code_challenge": CHALLENGE[1:]}, _bad),
    Case("7636 4.2", "a padded one", {"code_challenge": CHALLENGE + "="}, _bad),
    Case("7636 4.2", "not base64url", {"code_challenge": "+" + CHALLENGE[1:]}, _bad),
    Case("7636 4.2", "beyond ASCII", {"code_challenge": "\u00e9" * 43}, _bad),
    Case("7636 4.3", "an unknown method", {"code_challenge_method": "S512"}, _bad),
    Case("7636 4.3", "in small letters", {"code_challenge_method": "s256"}, _bad),
    Case("7636 4.4.1", "no challenge", {"code_challenge": None}, _bad),
    Case("8707 2", "another server", {"resource": "https://evil.example/v1"}, _target),
    Case("8707 2", "ours and another", {"resource": ("{v1}", "{v1}0")}, _target),
    Case("8707 2", "with a fragment", {"resource": "{v1}#x"}, _target),
    Case("8707 2", "relative", {"resource": "/v1"}, _target),
    Case("8707 2", "with NUL", {"resource": "{v1}/\0"}, _target),
    Case(
        "8707 2", "our name before an at", {"resource": "{base}@evil.example"}, _target
    ),
    Case("9700 2.1.2", "the implicit grant", {"response_type": "token"}, _type),
    Case("9700 2.1.2", "a hybrid", {"response_type": "code token"}, _type),
    Case("9700 2.1.2", "an ID token", {"response_type": "id_token"}, _type),
    Case("9700 2.3", "a scope for no app", {"scope": "token.write"}, _scope),
    Case("6749 4.1.2", "by fragment", {"response_mode": "fragment"}, _bad),
    Case("9700 4.8.2", "PKCE plain", {"code_challenge_method": "plain"}, _bad),
    Case("9700 4.8.2", "plain by default", {"code_challenge_method": None}, _bad),
    Case(
        "9700 4.8.2",
        "a plain challenge",
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        _bad,
    ),
    Case(
        "9700 4.8.2",
        "two methods",
        {"code_challenge_method": ("S256", "plain")},
        _bad,
    ),
    Case("9700 4.17.2", "by postMessage", {"response_mode": "web_message"}, _bad),
)

_app, _uri = "invalid_client", "invalid_redirect_uri"
_HOST, _EVIL = "app.example", "evil.example"


def _to(rule: str, title: str, uri: str) -> Case:
    return Case(rule, title, {"redirect_uri": uri}, _uri)


TOLD_TO_THE_USER = (
    Case("6749 4.1.2.1", "no client_id", {"client_id": None}, _app),
    Case("6749 4.1.2.1", "an unknown app", {"client_id": "app_" + "0" * 24}, _app),
    Case("6749 4.1.2.1", "a client_id with NUL", {"client_id": "{id}\0"}, _app),
    Case("6749 4.1.2.1", "SQL for a client_id", {"client_id": "' OR true --"}, _app),
    Case("6749 4.1.2.1", "one in capitals", {"client_id": "{ID}"}, _app),
    Case("6749 3.1", "client_id twice", {"client_id": ("{id}", "{other_id}")}, _bad),
    Case("6749 3.1", "the same one twice", {"client_id": ("{id}", "{id}")}, _bad),
    Case(
        "9700 4.1", "two URIs", {"redirect_uri": (CALLBACK, f"https://{_EVIL}")}, _bad
    ),
    Case(
        "9700 4.1", "first evil", {"redirect_uri": (f"https://{_EVIL}", CALLBACK)}, _bad
    ),
    Case("9700 4.1", "first empty", {"redirect_uri": ("", f"https://{_EVIL}")}, _bad),
    _to("9700 4.1.3", "another path", f"{CALLBACK}/more"),
    _to("9700 4.1.3", "a slash at the end", f"{CALLBACK}/"),
    _to("9700 4.1.3", "a query more", f"{CALLBACK}?a=b"),
    _to("9700 4.1.3", "an empty query", f"{CALLBACK}?"),
    _to("9700 4.1.3", "dots in the path", f"https://{_HOST}/x/../callback"),
    _to("9700 4.1.3", "encoded dots", f"https://{_HOST}/x/%2e%2e/callback"),
    _to("9700 4.1.3", "an encoded letter", f"https://{_HOST}/callbac%6b"),
    _to("9700 4.1.3", "other capitals", f"https://{_HOST}/Callback"),
    _to("9700 4.1.3", "a host in capitals", "https://APP.example/callback"),
    _to("9700 4.1.3", "the port spelled out", f"https://{_HOST}:443/callback"),
    _to("9700 4.1.3", "another port", f"https://{_HOST}:8443/callback"),
    _to("9700 4.1.3", "a subdomain", f"https://sub.{_HOST}/callback"),
    _to("9700 4.1.3", "our name as a subdomain", f"https://{_HOST}.{_EVIL}/callback"),
    _to("9700 4.1.3", "our name as a user", f"https://{_HOST}@{_EVIL}/callback"),
    _to(
        "9700 4.1.3", "our name with a password", f"https://{_HOST}:x@{_EVIL}/callback"
    ),
    _to("9700 4.1.3", "a backslash", f"https://{_EVIL}\\@{_HOST}/callback"),
    _to("9700 4.1.3", "our URI as a path", f"https://{_EVIL}/{CALLBACK}"),
    _to("9700 4.1.3", "a wildcard", "https://*/callback"),
    _to("9700 4.1.3", "a host that looks alike", "https://\u0430pp.example/callback"),
    _to("9700 4.1.3", "a wide letter", "https://\uff41pp.example/callback"),
    _to("9700 4.1.3", "a dot of another script", "https://app\u3002example/callback"),
    _to("9700 4.1.3", "its punycode", "https://xn--pp-7kc.example/callback"),
    _to("9700 4.1.3", "a zero-width joiner", f"https://{_HOST}\u200d/callback"),
    _to("9700 4.1.3", "text turned around", f"{CALLBACK}\u202e"),
    _to("9700 4.1.3", "NUL at the end", f"{CALLBACK}\0"),
    _to("9700 4.1.3", "a line break", f"{CALLBACK}\r\nLocation: https://{_EVIL}"),
    _to("9700 4.1.3", "a space before", f" {CALLBACK}"),
    _to("9700 4.11.2", "a scheme that runs", "javascript:alert(1)"),
    _to(
        "9700 4.11.2",
        "a document in itself",
        "data:text/html,<script>alert(1)</script>",
    ),
    _to("9700 4.11.2", "no scheme", f"//{_HOST}/callback"),
    _to("9700 4.11.2", "a path alone", "/callback"),
    _to("9700 4.11.2", "our own pages", "{base}/oauth/login"),
    _to("9700 2.6", "without TLS", f"http://{_HOST}/callback"),
    _to("8252 7.3", "loopback, of an app that has none", "http://127.0.0.1/callback"),
    _to("6749 3.1.2", "a fragment", f"{CALLBACK}#x"),
    _to("6749 3.1.2", "an empty fragment", f"{CALLBACK}#"),
)
