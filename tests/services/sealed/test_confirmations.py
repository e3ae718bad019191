"""Confirmations by themselves: nobody makes one, changes one or uses another's."""

from dataclasses import replace

import pytest

from services.caller import NOBODY, Caller
from services.sealed.confirmations import Confirmations
from services.sealed.secret_keys import SecretKey, SecretKeys

CONFIRMATIONS = Confirmations(SecretKeys(SecretKey(b"k" * 32, 0)))
CALLER = replace(NOBODY, business_id="biz_1", user_id="usr_1", token_id="pat_1")
CALL, STATE = b"call", b"s" * 16
TEXT = CONFIRMATIONS.seal(CALLER, CALL, STATE, 123)


def test_it_opens_for_its_caller_and_call() -> None:
    found = CONFIRMATIONS.open(CALLER, CALL, TEXT)
    assert found is not None
    assert (found.ends, found.state, len(found.id)) == (123, STATE, 24)
    other = CONFIRMATIONS.open(CALLER, CALL, CONFIRMATIONS.seal(CALLER, CALL, STATE, 9))
    assert other is not None
    assert other.id != found.id


@pytest.mark.parametrize(
    "other",
    [
        replace(CALLER, business_id="x"),
        replace(CALLER, user_id="x"),
        replace(CALLER, token_id="x"),
        replace(CALLER, client_id="x"),
    ],
)
def test_for_another_caller_it_is_none(other: Caller) -> None:
    assert CONFIRMATIONS.open(other, CALL, TEXT) is None


def test_an_app_is_the_same_with_each_of_its_tokens() -> None:
    app = replace(CALLER, client_id="app_1")
    text = CONFIRMATIONS.seal(app, CALL, STATE, 1)
    assert CONFIRMATIONS.open(replace(app, token_id="oat_2"), CALL, text)


@pytest.mark.parametrize("text", ["", "é", "x", "=", "A" * 70, "A" * 1_000])
def test_what_is_none_is_none(text: str) -> None:
    assert CONFIRMATIONS.open(CALLER, CALL, text) is None


def test_with_a_character_more_it_is_none() -> None:
    assert CONFIRMATIONS.open(CALLER, CALL, TEXT + "=") is None


def test_no_character_of_it_can_be_another_one() -> None:
    for place, letter in enumerate(TEXT):
        other = "A" if letter != "A" else "B"
        changed = TEXT[:place] + other + TEXT[place + 1 :]
        assert CONFIRMATIONS.open(CALLER, CALL, changed) is None, place
    assert CONFIRMATIONS.open(CALLER, b"call2", TEXT) is None
    keys = Confirmations(SecretKeys(SecretKey(b"j" * 32, 0)))
    assert keys.open(CALLER, CALL, TEXT) is None
