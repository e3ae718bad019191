"""Sealed texts: read with their key, in their place, and by nobody else."""

import pytest
from cryptography.exceptions import InvalidTag

from services.clock import now
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.sealed.vault import Vault

OLD, NEW = (SecretKey(each * 32, now()) for each in (b"o", b"n"))
TEXT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_text_is_read_with_its_key_and_place_alone() -> None:
    vault = Vault(SecretKeys(OLD))
    sealed = vault.seal(TEXT, "biz_1", "whk_1")
    assert TEXT not in sealed
    assert sealed != vault.seal(TEXT, "biz_1", "whk_1"), "equal texts look unlike"
    assert vault.open(sealed, "biz_1", "whk_1") == TEXT
    with pytest.raises(InvalidTag):
        vault.open(sealed, "biz_2", "whk_1")
    assert Vault(SecretKeys(NEW)).open(sealed, "biz_1", "whk_1") is None


def test_what_an_older_key_sealed_is_found() -> None:
    sealed = Vault(SecretKeys(OLD)).seal(TEXT)
    both = Vault(SecretKeys(NEW, OLD))
    assert both.open(sealed) == TEXT
    assert not both.is_new(sealed)
    assert both.is_new(both.seal(TEXT))
