"""What a client is given is made good, or refused before anything is sent."""

from dataclasses import replace

import pytest

from prospectconnect_client import ProspectConnect
from tests.clients.programs import Account, Step, run
from tests.clients.unreliable import Network

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


LINES = ["", " ", "a\nb", "a\r\nX: y", "a\tb", "a\x00", "schlüssel", "\ud800"]


@pytest.mark.parametrize("client", ["python", "python-async"])
@pytest.mark.parametrize("key", [*LINES, "two words", 256 * "k"])
def test_what_is_no_idempotency_key_is_refused_at_once(
    client: str, account: Account, network: Network, key: str
) -> None:
    step = Step("contacts.create", body={"phone": "555 1815"})
    with pytest.raises(ValueError, match=r"^Idempotency-Key is not 1 to 255 visible"):
        run(client, account, replace(step, options={"idempotency_key": key}))
    assert network.seen == []


@pytest.mark.parametrize("key", ["!", "~", 255 * "k"])
def test_a_key_may_be_any_that_the_api_takes(account: Account, key: str) -> None:
    step = Step(
        "contacts.create", body={"phone": "555"}, options={"idempotency_key": key}
    )
    (made,) = run("python", account, step)
    assert "error" not in made


@pytest.mark.parametrize("client", ["python", "python-async"])
@pytest.mark.parametrize("etag", LINES)
def test_what_is_no_etag_is_refused_at_once(
    client: str, account: Account, network: Network, etag: str
) -> None:
    """An empty condition would be none, and the change made whatever the version."""
    step = Step("contacts.update", ["con_1"], {"source": "Fair"}, {"if_match": etag})
    with pytest.raises(
        ValueError, match=r"^If-Match is empty, or holds what no header"
    ):
        run(client, account, step)
    assert network.seen == []


@pytest.mark.parametrize("part", ["someone:secret@", "someone@"])
def test_an_address_holds_no_password(part: str) -> None:
    """It would be sent in the token's place, and stand in each message."""
    with pytest.raises(ValueError, match="The address holds a user") as refused:
        ProspectConnect("pcp_no", f"https://{part}papi.example")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("end", ["?a=b", "#top"])
def test_an_address_has_nothing_after_its_path(end: str) -> None:
    with pytest.raises(ValueError, match="a query or a fragment"):
        ProspectConnect("pcp_no", f"https://papi.example/{end}")
