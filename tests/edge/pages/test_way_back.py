"""Where a login may lead: to every page of an account, and to nothing else."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.account.places import PLACES
from edge.pages.way_back import known_page
from edge.web.addresses import ACCOUNT

HERE = "https://api.example"
HOSTILE = (
    *("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
    *("https:evil.example", "https://evil.example/account/tokens", "javascript:x"),
    *(
        "/%2Fevil.example",
        "%2F%2Fevil.example",
        "/%5Cevil.example",
        "/account%2Ftokens",
    ),
    *("//evil.example/account/tokens", "/account/../..//evil.example", "/account/.."),
    *("/account//evil.example", "/account/tokens/", "/account/tokens//revoke"),
    *(
        "/account/tokens/../new",
        "/account/tokens/a.b/revoke",
        "/account/tokens/%2e/revoke",
    ),
    *(
        "/account/tokens\n",
        "/account/tokens\r\nSet-Cookie: a=b",
        "/account/tokens?a=\n",
    ),
    *(
        "/account/tokens#x",
        "/account/tokens@evil.example",
        "/account/tokens.evil.example",
    ),
    *(
        "/account/tokens?a=b?c",
        "/account/tokens?a=//evil",
        "/account/tokens?" + "a" * 513,
    ),
    *(" /account/tokens", "\t/account/tokens", "\x00/account/tokens", "account/tokens"),
    *("/Account/tokens", "/account/t\u043ekens", "/account/tokens/\u0661/revoke"),
    *(
        "/oauth/logout",
        "/oauth/authorize?client_id=x",
        "/oauth/login",
        "/docs",
        "/",
        "",
    ),
)


def test_every_page_of_an_account_is_known() -> None:
    pages = [each.path for each in PLACES if "GET" in each.actions]
    assert len(pages) >= 11
    for page in pages:
        path = re.sub("<[a-z_]+>", "app-1", page)
        assert known_page(path) == ("" if path == ACCOUNT else path)
        assert known_page(f"{path}?a=b%2Fc&d=1") == f"{path}?a=b%2Fc&d=1"


@pytest.mark.parametrize("address", HOSTILE)
def test_nothing_else_is(address: str) -> None:
    assert known_page(address) == ""


@given(
    st.text("/\\.:@#?%&=a\r\n\t ", max_size=12),
    st.sampled_from(["/account", "/account/tokens", "/account/apps/a/secret", ""]),
    st.text("/\\.:@#?%&=a\r\n\t ", max_size=12),
)
def test_what_is_known_stays_here(before: str, page: str, after: str) -> None:
    found = known_page(before + page + after)
    at = urlsplit(urljoin(f"{HERE}/oauth/login", found or ACCOUNT))
    assert (at.scheme, at.netloc) == ("https", "api.example")
    assert at.path.startswith(ACCOUNT)
