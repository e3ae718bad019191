"""If-Match and If-None-Match, strict where doing without could lose a change."""

import pytest

from edge.http.preconditions import (
    etag_condition,
    mismatch,
    not_modified,
    precondition_failed,
)


@pytest.mark.parametrize(
    ("headers", "condition"),
    [
        ([], ""),
        ([""], ""),
        (["*"], "*"),
        (['"a", *'], "*"),
        (['"*"'], "W/"),
        (['"a"'], "a"),
        (['"a", "b"'], "a,b"),
        (['"a"', '"b"'], "a,b"),
        (['W/"a"'], "W/"),
        (['W/"a", "b"'], "b"),
        (["a"], "W/"),
        (['a, "b"'], "b"),
        (['"a,b"'], "W/"),
    ],
)
def test_if_match_as_a_condition(headers: list[str], condition: str) -> None:
    assert etag_condition(headers) == condition


@pytest.mark.parametrize(
    ("headers", "failed"),
    [
        ([], False),
        (["*"], False),
        (['"7"'], False),
        (['"6", "7"'], False),
        (['"6"'], True),
        (['W/"7"'], True),
        (["7"], True),
        (['"*"'], True),
    ],
)
def test_if_match_on_a_read(headers: list[str], failed: bool) -> None:
    assert precondition_failed(headers, "7") is failed


@pytest.mark.parametrize("header", ["7", 'W/"7"', "nonsense"])
def test_what_could_never_match_is_said_to(header: str) -> None:
    assert "in quotes, without W/" in mismatch([header]).detail
    assert "has changed" in mismatch(['"6"']).detail


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ([], False),
        (["*"], True),
        (['"7"'], True),
        (['W/"7"'], True),
        (['"6", W/"7"'], True),
        (['"6"', '"7"'], True),
        (['"6"'], False),
        (["7"], False),
        (["garbage, "], False),
    ],
)
def test_if_none_match(headers: list[str], same: bool) -> None:
    assert not_modified(headers, "7") is same
