"""Requests at the token endpoint and beside it, of an app that keeps a secret.

Names in braces are prepared: a fresh `{code}` with its `{verifier}`, and so on.
"""

from tests.end_to_end.refusals.case import Case

_bad, _grant, _app = "invalid_request", "invalid_grant", "invalid_client"
_type, _scope, _target = "unsupported_grant_type", "invalid_scope", "invalid_target"
_ZERO, _URN = "0" * 56, "urn:ietf:params:oauth:grant-type:"

EXCHANGES = (
    Case("6749 3.2", "no grant_type", {"grant_type": None}, _bad),
    Case("6749 3.2", "an empty grant_type", {"grant_type": ""}, _bad),
    Case(
        "6749 3.2", "two grant_types", {"grant_type": ("authorization_code",) * 2}, _bad
    ),
    Case("6749 3.2", "the code twice", {"code": ("{code}", "{code}")}, _bad),
    Case("6749 3.2", "two codes", {"code": ("{code}", "{used_code}")}, _bad),
    Case("6749 3.2", "an unknown parameter twice", {"x": ("1", "2")}, _bad),
    Case("6749 4.1.3", "no code", {"code": None}, _bad),
    Case("6749 4.1.3", "nonsense for a code", {"code": "x"}, _grant),
    Case("6749 4.1.3", "a code nobody made", {"code": "pcc_" + _ZERO}, _grant),
    Case("6749 4.1.3", "a code with NUL", {"code": "{code}\0"}, _grant),
    Case("6749 4.1.3", "a code beyond ASCII", {"code": "\u00e9"}, _grant),
    Case("6749 4.1.3", "a refresh token for a code", {"code": "{refresh}"}, _grant),
    Case("6749 4.1.3", "an access token for a code", {"code": "{access}"}, _grant),
    Case("6749 4.1.3", "another URI", {"redirect_uri": "https://evil.example"}, _grant),
    Case("6749 4.1.3", "a URI with more", {"redirect_uri": "{callback}/"}, _grant),
    Case("6749 4.1.3", "a URI with NUL", {"redirect_uri": "{callback}\0"}, _bad),
    Case("6749 4.1.3", "a URI twice", {"redirect_uri": ("{callback}",) * 2}, _bad),
    Case("6749 4.1.2", "a code used before", {"code": "{used_code}"}, _grant),
    Case("6749 4.4", "client credentials", {"grant_type": "client_credentials"}, _type),
    Case("6749 5.2", "an unknown grant", {"grant_type": "magic"}, _type),
    Case("6749 5.2", "a grant with NUL", {"grant_type": "authorization_code\0"}, _type),
    Case("7523 2.1", "a JWT", {"grant_type": f"{_URN}jwt-bearer"}, _type),
    Case("7636 4.1", "a verifier too short", {"code_verifier": "x" * 42}, _bad),
    Case("7636 4.1", "a verifier too long", {"code_verifier": "x" * 129}, _bad),
    Case("7636 4.1", "a verifier with a plus", {"code_verifier": "+" * 43}, _bad),
    Case("7636 4.5", "no verifier", {"code_verifier": None}, _bad),
    Case("7636 4.5", "two verifiers", {"code_verifier": ("{verifier}",) * 2}, _bad),
    Case("7636 4.6", "a wrong verifier", {"code_verifier": "x" * 43}, _grant),
    Case(
        "7636 4.6",
        "the challenge for a verifier",
        {"code_verifier": "{challenge}"},
        _grant,
    ),
    Case("8628 3.4", "a device", {"grant_type": f"{_URN}device_code"}, _type),
    Case(
        "8693 2.1",
        "an exchange of tokens",
        {"grant_type": f"{_URN}token-exchange"},
        _type,
    ),
    Case("8707 2.2", "another server", {"resource": "https://evil.example"}, _target),
    Case("8707 2.2", "a resource not granted", {"resource": "{base}"}, _target),
    Case(
        "9700 2.4",
        "a password",
        {"grant_type": "password", "username": "a", "password": "b"},
        _type,
    ),
    Case("9700 4.5", "another app's code", {"code": "{others_code}"}, _grant),
    Case(
        "9700 4.5",
        "that, with its verifier",
        {"code": "{others_code}", "code_verifier": "{others_verifier}"},
        _grant,
    ),
    Case("9700 4.5", "another user's code", {"code": "{strangers_code}"}, _grant),
    Case(
        "9700 4.8",
        "a verifier from another flow",
        {"code_verifier": "{others_verifier}"},
        _grant,
    ),
)

REFRESHES = (
    Case("6749 6", "no refresh token", {"refresh_token": None}, _bad),
    Case("6749 6", "nonsense for one", {"refresh_token": "x"}, _grant),
    Case("6749 6", "one nobody made", {"refresh_token": "pcr_" + _ZERO}, _grant),
    Case("6749 6", "a code for one", {"refresh_token": "{code}"}, _grant),
    Case("6749 6", "an access token for one", {"refresh_token": "{access}"}, _grant),
    Case("6749 6", "a personal token for one", {"refresh_token": "{pat}"}, _grant),
    Case("6749 6", "two of them", {"refresh_token": ("{refresh}", "x")}, _bad),
    Case("6749 6", "more than was granted", {"scope": "deal.read"}, _scope),
    Case("6749 6", "all of what was granted in part", {"scope": "contact.all"}, _scope),
    Case("6749 6", "an unknown scope", {"scope": "everything"}, _scope),
    Case("9700 2.3", "a scope for no app", {"scope": "token.read"}, _scope),
    Case("8707 2.2", "another server", {"resource": "https://evil.example"}, _target),
    Case("8707 2.2", "one not granted", {"resource": "{base}"}, _target),
    Case("9700 4.14.2", "one used before", {"refresh_token": "{spent}"}, _grant),
    Case("9700 4.14.2", "another app's", {"refresh_token": "{others_refresh}"}, _grant),
    Case("9700 4.14.2", "one revoked", {"refresh_token": "{revoked}"}, _grant),
)

# How the app proves itself: `user` and `secret` go into HTTP Basic, all else as above.
PROOFS = (
    Case("6749 2.3.1", "a wrong secret", {"secret": "x"}, _app, 401),
    Case("6749 2.3.1", "an empty secret", {"secret": ""}, _app, 401),
    Case(
        "6749 2.3.1", "a secret with a letter more", {"secret": "{secret}x"}, _app, 401
    ),
    Case("6749 2.3.1", "a secret with NUL", {"secret": "{secret}\0"}, _app, 401),
    Case("6749 2.3.1", "another app's secret", {"secret": "{other_secret}"}, _app, 401),
    Case("6749 2.3.1", "an unknown app", {"user": "app_" + "0" * 24}, _app, 401),
    Case("6749 2.3.1", "no app", {"user": "", "secret": ""}, _app, 401),
    Case("6749 2.3.1", "SQL for an app", {"user": "' OR true --"}, _app, 401),
    Case("6749 2.3.1", "Basic that is none", {"authorization": "Basic %%%"}, _app, 401),
    Case("6749 2.3.1", "without a colon", {"authorization": "Basic YXBw"}, _app, 401),
    Case("6749 2.3.1", "not UTF-8", {"authorization": "Basic /zo="}, _app, 401),
    Case("6749 2.3.1", "a bearer token", {"authorization": "Bearer {pat}"}, _app, 401),
    Case("6749 2.3.1", "another scheme", {"authorization": "Digest x"}, _app, 401),
    Case("6749 2.3", "the secret in the body too", {"client_secret": "{secret}"}, _bad),
    Case("6749 2.3", "two apps", {"client_id": "{other_id}"}, _bad),
    Case(
        "6749 2.3",
        "in the body, of an app that registered for Basic",
        {"authorization": None, "client_id": "{id}", "client_secret": "{secret}"},
        _app,
        401,
    ),
    Case(
        "6749 3.2.1",
        "no proof at all",
        {"authorization": None, "client_id": "{id}"},
        _app,
        401,
    ),
    Case("6749 3.2.1", "not even a name", {"authorization": None}, _app, 401),
    Case("9700 2.5", "a secret of a public app", {"user": "{public_id}"}, _app, 401),
)

# At `/oauth/revoke` and `/oauth/introspect`.
REVOCATIONS = (
    Case("7009 2.1", "no token", {"token": None}, _bad),
    Case("7009 2.1", "two tokens", {"token": ("{refresh}", "{access}")}, _bad),
    Case(
        "7009 2.1", "another app's access token", {"token": "{others_access}"}, _grant
    ),
    Case("7009 2.1", "its refresh token", {"token": "{others_refresh}"}, _grant),
    Case(
        "7009 2.1", "no proof", {"authorization": None, "client_id": "{id}"}, _app, 401
    ),
)
INTROSPECTIONS = (
    Case("7662 2.1", "no token", {"token": None}, _bad),
    Case("7662 2.1", "two tokens", {"token": ("{refresh}", "{access}")}, _bad),
    Case("7662 2.1", "a wrong secret", {"secret": "x"}, _app, 401),
    Case(
        "7662 4",
        "a public app",
        {"authorization": None, "client_id": "{public_id}"},
        _app,
        401,
    ),
)
