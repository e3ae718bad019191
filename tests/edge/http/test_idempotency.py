"""The form of idempotency keys."""

import pytest

from edge.http.idempotency import idempotency_key
from edge.problems import ProblemError


@pytest.mark.parametrize("key", ["k", "k" * 255, '"quoted"', "a~!b"])
def test_a_key(key: str) -> None:
    assert idempotency_key([f" {key} "]) == key


def test_no_key() -> None:
    assert idempotency_key([]) is None


@pytest.mark.parametrize(
    "headers", [[""], [" "], ["k" * 256], ["a b"], ["é"], ["a\x7f"], ["a", "a"]]
)
def test_other_keys_are_refused(headers: list[str]) -> None:
    with pytest.raises(ProblemError) as caught:
        idempotency_key(headers)
    assert caught.value.reason == "BAD_REQUEST"
