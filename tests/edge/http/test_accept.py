"""Which of two forms of an answer a client wants."""

import pytest

from edge.http.accept import prefers

OTHER = "application/schema+json"


@pytest.mark.parametrize(
    "accepted",
    [
        [OTHER],
        ["Application/Schema+JSON"],
        [f"{OTHER}; q=0.5"],
        [f"{OTHER}, application/json"],
        [f"{OTHER};q=0.9, application/json;q=0.8"],
        ["*/*;q=0.1", OTHER],
        ["text/html", f" {OTHER} ;charset=utf-8;q=1.0"],
    ],
)
def test_a_form_that_is_named_is_given(accepted: list[str]) -> None:
    assert prefers(accepted, OTHER)


@pytest.mark.parametrize(
    "accepted",
    [
        [],
        [""],
        ["*/*"],
        ["application/*"],
        ["application/json"],
        [f"{OTHER};q=0"],
        [f"{OTHER};q=0.000"],
        [f"{OTHER};q=0.5, application/json"],
        ["application/schema-instance+json"],
        [f"x{OTHER}"],
        [",;,;q=1,"],
    ],
)
def test_json_is_given_otherwise(accepted: list[str]) -> None:
    assert not prefers(accepted, OTHER)
