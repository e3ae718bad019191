"""Bearer secrets: read back as they were made, and nothing else is read as one."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.iam.bearer import (
    ACCESS,
    CLIENT,
    CODE,
    PREFIX,
    REFRESH,
    REGISTRATION,
    REQUEST,
    SESSION,
    Secret,
    new_key,
    new_secret,
    read_key,
    read_secret,
)

TENANTS = st.integers(0, 2**96 - 1).map(lambda number: f"biz_{number:024x}")
KINDS = (PREFIX, ACCESS, REFRESH, CODE, SESSION)
KEYS = (REQUEST, CLIENT, REGISTRATION)
CHARACTERS = st.characters(codec="ascii", categories=["L", "N"])


@given(TENANTS)
def test_a_secret_tells_its_tenant_and_its_hash(business_id: str) -> None:
    text = new_secret(business_id)
    assert text.startswith(PREFIX)
    assert text.isascii()
    assert read_secret(text) == Secret(business_id, sha256(text.encode()).digest())


@given(TENANTS, st.data())
def test_a_secret_with_one_character_changed_is_none(
    business_id: str, data: st.DataObject
) -> None:
    text = new_secret(business_id)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(CHARACTERS.filter(lambda character: character != text[at]))
    assert read_secret(text[:at] + other + text[at + 1 :]) is None


@given(st.text(max_size=80) | st.from_regex(r"pcp_[0-9A-Za-z]{56}", fullmatch=True))
def test_noise_is_no_secret(text: str) -> None:
    assert read_secret(text) is None


@pytest.mark.parametrize("change", [" {}", "{} ", "{}\n", "{}0", "Pcp_{}", "{}é"])
def test_a_secret_with_something_around_it_is_none(change: str) -> None:
    assert read_secret(change.format(new_secret("biz_" + "0" * 24))) is None


def test_no_secret_comes_twice() -> None:
    tenant = "biz_" + "f" * 24
    assert len({new_secret(tenant) for _ in range(2_000)}) == 2_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_of_its_kind_alone(kind: str) -> None:
    text = new_secret("biz_" + "0" * 24, kind)
    for other in KINDS:
        assert (read_secret(text, other) is not None) == (other == kind)
    assert read_secret(text, *KINDS) is not None


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_is_of_its_kind_alone(kind: str) -> None:
    text = new_key(kind)
    assert read_key(text, kind) == sha256(text.encode()).digest()
    for other in {*KEYS, *KINDS} - {kind}:
        assert read_key(text, other) is None
    assert read_secret(text, *KINDS) is None
    for wrong in ("", text[:-1], text + "0", text.swapcase(), "\0"):
        assert read_key(wrong, kind) is None
