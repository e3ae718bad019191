"""Redirect URIs: what may be registered, what then matches, and what is shown."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.iam.oauth.redirects import (
    fault_of_page,
    fault_of_redirect,
    host_of,
    matches,
)

GOOD = [
    "https://app.example/callback",
    "https://app.example",
    "https://app.example:8443/callback?a=b&c=%20d",
    "https://xn--pp-viaa.example/callback",
    "https://203.0.113.9/callback",
    "https://[2001:db8::1]:8443/callback",
    "https://localhost/callback",
    "https://intranet/callback",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:51004/callback",
    "http://[::1]/callback",
    "http://[::1]:51004/callback",
    "http://localhost:3000/oauth/callback",
    "com.example.app:/callback",
    "com.example.app://oauth/callback",
]
BAD = [
    "",
    " ",
    "*",
    "callback",
    "/callback",
    "//app.example/callback",
    "https:",
    "https:///callback",
    "https://",
    "https:app.example/callback",
    "https://app.example/callback#",
    "https://app.example/callback#x",
    "https://app.example/*",
    "https://*.example/callback",
    "https://app.example/call back",
    "https://app.example/callback\n",
    "https://app.example/\0",
    "https://app.example/%0",
    "https://app.example/%zz",
    "https://app.example\\@evil.example/",
    "https://user@app.example/callback",
    "https://user:secret@app.example/callback",
    "https://app.example:0/callback",
    "https://app.example:65536/callback",
    "https://app.example:x/callback",
    "https://app.example:/callback",
    "https://-app.example/callback",
    "https://app..example/callback",
    "https://app.example./callback",
    "https://\u00e4pp.example/callback",
    "https://\uff41pp.example/callback",
    "https://[::1/callback",
    "https://[zz::1]/callback",
    "https://" + "a" * 64 + ".example/",
    "https://app.example/" + "x" * 2_048,
    "http://app.example/callback",
    "http://127.0.0.2/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://localhost.evil.example/callback",
    "http://127.0.0.1@evil.example/callback",
    "http://0.0.0.0/callback",
    "http://2130706433/callback",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "blob:https://app.example/x",
    "myapp:/callback",
    "myapp://callback",
    "com.example.app:callback",
    "urn:ietf:wg:oauth:2.0:oob",
    "HTTPS://app.example/callback",
]


@pytest.mark.parametrize("uri", GOOD)
def test_an_app_may_register(uri: str) -> None:
    assert fault_of_redirect(uri) == ""
    assert matches(uri, uri)


@pytest.mark.parametrize("uri", BAD)
def test_an_app_may_not_register(uri: str) -> None:
    assert fault_of_redirect(uri)
    assert fault_of_page(uri)


def test_a_page_is_on_the_web() -> None:
    assert fault_of_page("https://app.example/about") == ""
    assert fault_of_page("com.example.app:/about")


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ("http://127.0.0.1/back", "http://127.0.0.1:1/back"),
        ("http://127.0.0.1:8000/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1:8000/back", "http://127.0.0.1:65535/back"),
        ("http://[::1]/back?a=b", "http://[::1]:9000/back?a=b"),
        ("http://localhost:3000", "http://localhost:3001"),
    ],
)
def test_the_port_of_a_loopback_host_is_free(registered: str, given: str) -> None:
    assert matches(registered, given)


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ("http://127.0.0.1/back", "http://127.0.0.1/back/"),
        ("http://127.0.0.1/back", "http://127.0.0.1:8000/Back"),
        ("http://127.0.0.1/back", "http://127.0.0.1:8000/back?a=b"),
        ("http://127.0.0.1/back", "http://127.0.0.1:8000/back#"),
        ("http://127.0.0.1/back", "http://127.0.0.1:0/back"),
        ("http://127.0.0.1/back", "http://127.0.0.1:99999/back"),
        ("http://127.0.0.1/back", "http://127.0.0.1:80@evil.example/back"),
        ("http://127.0.0.1/back", "http://127.0.0.1:80.evil.example/back"),
        ("http://127.0.0.1/back", "http://localhost/back"),
        ("http://127.0.0.1/back", "http://[::1]/back"),
        ("http://127.0.0.1/back", "https://127.0.0.1/back"),
        ("https://localhost:1/back", "https://localhost:2/back"),
        ("https://app.example/back", "https://app.example:443/back"),
        ("com.example.app:/back", "com.example.app:/back/"),
    ],
)
def test_all_else_must_be_the_same(registered: str, given: str) -> None:
    assert not matches(registered, given)


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("https://App.Example:8443/callback", "app.example"),
        ("https://app.example", "app.example"),
        ("https://[2001:db8::1]:8443/callback", "[2001:db8::1]"),
        ("http://127.0.0.1:51004/callback", ""),
        ("http://[::1]:51004/callback", ""),
        ("http://localhost/callback", ""),
        ("com.example.app:/callback", ""),
    ],
)
def test_a_user_is_shown_where_they_are_sent(uri: str, host: str) -> None:
    assert host_of(uri) == host


PIECES = st.sampled_from(
    (
        *(
            "http",
            "https",
            "://",
            ":/",
            ":",
            "/",
            "//",
            "?",
            "#",
            "@",
            "\\",
            ".",
            "%2e",
        ),
        *("127.0.0.1", "[::1]", "localhost", "app.example", "evil.example", "com.a.b"),
        *("%2e", "80", "0", "65536", "a=b", "back", "\n", "\t", " ", "\0", "\u0661"),
    )
)
URIS = st.one_of(
    st.lists(PIECES, max_size=10).map("".join),
    st.lists(PIECES, max_size=4).map(lambda more: "http://127.0.0.1" + "".join(more)),
    st.sampled_from(GOOD),
)


@for_any(URIS, URIS)
def test_only_the_port_of_the_own_device_may_differ(one: str, other: str) -> None:
    """Held against how the standard library takes URIs apart, which is another way."""
    if not matches(one, other) or one == other:
        return
    first, second = urlsplit(one), urlsplit(other)
    assert first.scheme == second.scheme == "http"
    assert first.hostname == second.hostname
    assert first.hostname in ("127.0.0.1", "::1", "localhost")
    assert first[2:] == second[2:]
    for each in (first, second):
        assert "@" not in each.netloc
        assert each.port != 0


@for_any(URIS)
def test_what_may_be_registered_is_plain(uri: str) -> None:
    if fault_of_redirect(uri):
        return
    assert uri.isascii()
    assert uri.isprintable()
    parts = urlsplit(uri)
    assert not parts.fragment
    assert matches(uri, uri)
    if parts.scheme in ("http", "https"):
        assert not parts.username
    if parts.scheme == "http":
        assert parts.hostname in ("127.0.0.1", "::1", "localhost")
