"""Form tokens: good for just what they were made for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import FormInvalid
from services.sealed.forms import Forms
from services.sealed.secret_keys import SecretKey, SecretKeys

FORMS = Forms(SecretKeys(SecretKey(b"k" * 32, 0)))
PARTS = st.lists(st.text(max_size=20), min_size=1, max_size=4)


@given(PARTS)
def test_a_token_is_taken_where_it_was_made(parts: list[str]) -> None:
    FORMS.check(FORMS.token(*parts), *parts)


@given(PARTS, PARTS)
def test_a_token_is_refused_elsewhere(parts: list[str], others: list[str]) -> None:
    if parts != others:
        with pytest.raises(FormInvalid):
            FORMS.check(FORMS.token(*parts), *others)


@pytest.mark.parametrize("token", ["", "x", "é", "\0", "A" * 43])
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(FormInvalid):
        FORMS.check(token, "consent", "ses_1", "pcq_1")


def test_another_key_makes_other_tokens() -> None:
    with pytest.raises(FormInvalid):
        FORMS.check(
            Forms(SecretKeys(SecretKey(b"x" * 32, 0))).token("consent"), "consent"
        )
