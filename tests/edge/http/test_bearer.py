"""Bearer tokens: which headers hold one, and how an answer demands one."""

import pytest

from edge.http.bearer import bearer_token, challenge
from edge.problems import ProblemError, permission_denied

TOKEN = "pcp_abc"


@pytest.mark.parametrize(
    "header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN} "]
)
def test_a_bearer_token(header: str) -> None:
    assert bearer_token([header]) == TOKEN


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ([], "TOKEN_MISSING"),
        (["Basic YTpi"], "TOKEN_MISSING"),
        (["Bearer"], "TOKEN_MISSING"),
        (["Bearer "], "TOKEN_INVALID"),
        (["Bearer a b"], "TOKEN_INVALID"),
        (["Bearer é"], "TOKEN_INVALID"),
        (["Bearer a, Bearer b"], "TOKEN_INVALID"),
        (["Bearer a", "Bearer a"], "TOKEN_INVALID"),
        (["Bearer " + "a" * 2049], "TOKEN_INVALID"),
    ],
)
def test_other_headers_are_refused(headers: list[str], reason: str) -> None:
    with pytest.raises(ProblemError) as caught:
        bearer_token(headers)
    assert caught.value.reason == reason
    assert caught.value.kind.status == 401


@pytest.mark.parametrize(
    ("error", "attributes"),
    [
        (ProblemError("TOKEN_MISSING", ""), ""),
        (ProblemError("TOKEN_INVALID", ""), ', error="invalid_token"'),
        (
            permission_denied("SCOPE_DENIED", "deal.write"),
            ', error="insufficient_scope", scope="deal.write"',
        ),
    ],
)
def test_the_challenge(error: ProblemError, attributes: str) -> None:
    expected = f'Bearer realm="ProspectConnect"{attributes}'
    assert challenge(error, None) == {"WWW-Authenticate": expected}
    expected += ', resource_metadata="https://a/b"'
    assert challenge(error, "https://a/b") == {"WWW-Authenticate": expected}


def test_a_role_is_no_matter_of_tokens() -> None:
    assert challenge(permission_denied("ROLE_DENIED", "deal.write"), None) == {}
