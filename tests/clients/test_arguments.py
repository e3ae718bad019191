"""What a client is given is made good, or refused before anything is sent."""

from dataclasses import replace

import pytest

from tests.clients.programs import Account, Step, run

ME = Step("me.get")


@pytest.mark.parametrize("around", ["{}\n", " {}", "{}\r\n"])
def test_blanks_around_a_token_do_no_harm(
    client: str, account: Account, around: str
) -> None:
    (me,) = run(client, replace(account, token=around.format(account.token)), ME)
    assert "error" not in me


@pytest.mark.parametrize("end", ["/", "/v1", "/v1/"])
def test_an_address_may_end_as_the_guides_write_it(
    client: str, account: Account, end: str
) -> None:
    (me,) = run(client, replace(account, address=account.address + end), ME)
    assert "error" not in me


@pytest.mark.parametrize("token", ["", " ", "pcp_first\npcp_second", "pcp_schlüssel"])
def test_what_is_no_token_is_refused_and_not_shown(
    client: str, account: Account, token: str
) -> None:
    with pytest.raises((ValueError, AssertionError), match="token") as refused:
        run(client, replace(account, token=token), ME)
    assert "pcp_" not in str(refused.value)


@pytest.mark.parametrize("address", ["", "papi.example", "ftp://papi.example"])
def test_what_is_no_address_is_refused(
    client: str, account: Account, address: str
) -> None:
    with pytest.raises((ValueError, AssertionError), match="http://"):
        run(client, replace(account, address=address), ME)


def test_an_empty_id_is_no_other_path(client: str, account: Account) -> None:
    with pytest.raises((ValueError, AssertionError), match="The id is empty"):
        run(client, account, Step("contacts.get", [""]))
