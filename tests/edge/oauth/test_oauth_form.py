"""The form of OAuth requests: parameters, resources, and what apps are told."""

import pytest

from edge.oauth.refusals import description_of, error_of, refused, status_of
from edge.oauth.resources import is_ours
from edge.problems import PROBLEMS, ProblemError
from edge.web.parameters import Parameters, read_parameters


@pytest.mark.parametrize(
    ("encoded", "values", "repeated"),
    [
        (b"", {}, ()),
        (b"&&", {}, ()),
        (b"a=1&b=2", {"a": "1", "b": "2"}, ()),
        (b"a=x+y%20z%2B%26", {"a": "x y z+&"}, ()),
        (b"a=%C3%A9&b=\xc3\xa9", {"a": "é", "b": "é"}, ()),
        (b"a==1=", {"a": "=1="}, ()),
        (b"a=&b&c=1", {"c": "1"}, ()),  # without a value: as if it had not come
        (b"a=1&a=1", {"a": "1"}, ("a",)),
        (b"a=&a=1&b=&b", {"a": "1"}, ("a", "b")),
        (b"a=1;b=2", {"a": "1;b=2"}, ()),  # no separator since 2021
        (b"%61=1&a=2", {"a": "1"}, ("a",)),
        (b"a=%zz%4", {"a": "%zz%4"}, ()),
    ],
)
def test_parameters_are_read_one_way(
    encoded: bytes, values: dict[str, str], repeated: tuple[str, ...]
) -> None:
    assert read_parameters(encoded) == Parameters(values, (), repeated)


def test_resource_may_come_several_times() -> None:
    found = read_parameters(b"resource=a&resource=b&resource=")
    assert (found.resources, found.repeated) == (("a", "b"), ())


@pytest.mark.parametrize("encoded", [b"a=%ff", b"\xff=1", b"a=%ED%A0%80"])
def test_what_is_not_utf_8_is_refused(encoded: bytes) -> None:
    with pytest.raises(ProblemError, match="UTF-8"):
        read_parameters(encoded)


def test_there_is_a_most() -> None:
    assert read_parameters(b"&".join(b"p%d=1" % n for n in range(100)))
    with pytest.raises(ProblemError, match="more than"):
        read_parameters(b"&".join(b"p%d=1" % n for n in range(101)))


BASE = "https://api.example:8443"


@pytest.mark.parametrize(
    ("resource", "ours"),
    [
        (f"{BASE}/v1", True),
        (f"{BASE}/v1/contacts", True),
        (f"{BASE}/mcp", True),
        (f"{BASE}/mcp/", True),
        (f"{BASE}/mcp/x", False),
        (f"{BASE}/mcps", False),
        (BASE, True),
        (f"{BASE}/", True),
        ("HTTPS://API.example:8443/v1", True),
        (f"{BASE}/v2", False),
        (f"{BASE}/v10", False),
        (f"{BASE}/v1#x", False),
        ("https://api.example/v1", False),
        ("http://api.example:8443/v1", False),
        ("https://api.example:8443.evil.example/v1", False),
        ("https://x@api.example:8443/v1", False),
        ("https://evil.example/v1", False),
        ("https://api.example:x/v1", False),
        ("https://[api/v1", False),
        ("https://\uff41pi.example:8443/v1", False),
        ("/v1", False),
        ("urn:x", False),
    ],
)
def test_a_resource_is_this_api_or_another(resource: str, ours: bool) -> None:
    assert is_ours(resource, BASE) == ours


@pytest.mark.parametrize("reason", PROBLEMS.keys() - {"OAUTH_REFUSED"})
def test_every_problem_has_an_oauth_error(reason: str) -> None:
    problem = ProblemError(reason, 'it said "é\\"')
    assert description_of(problem) == "it said ''''"
    assert status_of(problem) == PROBLEMS[reason].status
    assert error_of(problem) in (
        "invalid_request",
        "temporarily_unavailable",
        "server_error",
    )


def test_an_app_that_is_not_known_is_a_401() -> None:
    assert status_of(refused("invalid_client", "")) == 401
    assert status_of(refused("invalid_grant", "")) == 400
