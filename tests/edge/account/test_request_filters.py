"""The filters of recent requests: which operations a path means, and what is none."""

from urllib.parse import parse_qs, urlencode

import pytest

from edge.account.requests import operations_of, read_asked
from edge.web.parameters import read_parameters

ROUTES = {
    "CreateContact": ("POST", "/v1/contacts"),
    "GetContact": ("GET", "/v1/contacts/{id}"),
    "AddContactTags": ("POST", "/v1/contacts/{id}/tags"),
    "GetRecord": ("GET", "/v1/objects/{object}/records/{id}"),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("contacts", ["CreateContact", "GetContact", "AddContactTags"]),
        ("post /v1/contacts/", ["AddContactTags"]),
        ("/v1/contacts/con_6b08?expand=company", ["GetContact"]),
        ("GET /v1/contacts/con_6b08", ["GetContact"]),
        ("/v1/objects/machines/records/rec_1", ["GetRecord"]),
        ("/v1/contacts/a/b", []),
        (".*", []),
        ("{id}", ["GetContact", "AddContactTags", "GetRecord"]),
        ("(" * 200, []),
    ],
)
def test_a_path_means_operations(text: str, expected: list[str]) -> None:
    assert operations_of(ROUTES, text) == expected


def test_what_cannot_be_chosen_selects_nothing() -> None:
    query = urlencode({"status": "999", "within": "1", "path": " x ", "failed": "yes"})
    asked = read_asked(read_parameters(query.encode()))
    assert (asked.status, asked.within, asked.failed) == ("", "", False)
    assert asked.path == "x"
    assert read_asked(read_parameters(b"path=" + b"x" * 999)).path == "x" * 200


def test_links_keep_the_filters_but_for_what_they_change() -> None:
    query = "token=pat_1&path=%2Fv1%2Fdeals&status=422&within=3600&failed=1"
    asked = read_asked(read_parameters(query.encode()))
    assert asked.narrows
    assert parse_qs(asked.query()) == parse_qs(query)
    changed = parse_qs(asked.query(failed="", limited="1"))
    assert "failed" not in changed
    assert changed["limited"] == ["1"]
