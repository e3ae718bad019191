"""Queries are refused by name, and media types are judged as they are written."""

import pytest

from edge.http.http_input import is_json, refuse_query
from edge.problems import ProblemError


@pytest.mark.parametrize("url", [b"/v1/x", b"/v1/x?", b"/v1/x?&&"])
def test_no_query(url: bytes) -> None:
    refuse_query(url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (b"/v1/x?limit=5", "'limit'"),
        (b"/v1/x?&a&b=1", "'a'"),
        (b"/v1/x?=1", "''"),
        (b"/v1/x?%C3%A9=1", r"'\\xe9'"),
        (b"/v1/x?a?b=1", r"'a\?b'"),
    ],
)
def test_a_query_parameter_is_named(url: bytes, name: str) -> None:
    with pytest.raises(ProblemError, match=name):
        refuse_query(url)


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/merge-patch+json",
        "application/vnd.prospect-connect.v1+json",
    ],
)
def test_json(media_type: str) -> None:
    assert is_json(media_type)


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "json",
        "text/json",
        "text/plain",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "application/json, text/plain",
        "application/+json",
    ],
)
def test_not_json(media_type: str) -> None:
    assert not is_json(media_type)
