"""Clients tell a request of a webhook from any other, as the product signs it."""

import random
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from prospectconnect_client import WebhookInvalid, verify_webhook
from services.delivering.signing import key_of, signed
from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program
from tests.foreign.webhooks.samples import BODY, OTHER, SECRET, cases

NOW = 1796115601

JUDGE_ALL = """
const found = []
for (const { secret, headers, body } of told.requests) {
  const now = () => told.now * 1000
  const end = await outcome(() => all.verifyWebhook(body, headers, secret, { now }))
  found.push(end.error?.split(':')[0] ?? end.value.type)
}
return found
"""


@pytest.fixture(
    params=["python", pytest.param("node", marks=pytest.mark.node)], name="language"
)
def _language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def judged(
    language: str, account: Account, requests: list[dict[str, Any]]
) -> list[str]:
    """The type of change of each request, or the name of the error."""
    if language == "node":
        found: list[str] = run_program(account, JUDGE_ALL, requests=requests, now=NOW)
        return found
    return [judged_in_python(each) for each in requests]


def judged_in_python(request: dict[str, Any]) -> str:
    body, headers = request["body"].encode(), request["headers"]
    try:
        return verify_webhook(body, headers, request["secret"], clock=lambda: NOW).type
    except (WebhookInvalid, TypeError, ValueError) as error:
        return type(error).__name__


def test_a_request_is_told_from_those_of_others(
    language: str, account: Account
) -> None:
    requests, ours = cases(NOW)
    expected = ["contact.created" if each else "WebhookInvalid" for each in ours]
    assert judged(language, account, requests) == expected


def mutants(chance: random.Random) -> Iterator[dict[str, Any]]:
    """A good request with one thing changed, in as many ways as one thinks of."""
    good = signed([key_of(SECRET)], "chg_1", NOW, BODY.encode())
    for name, text in good.items():
        yield {"secret": SECRET, "headers": {**good, name: ""}, "body": BODY}
        left_out = {each: good[each] for each in good if each != name}
        yield {"secret": SECRET, "headers": left_out, "body": BODY}
        for _ in range(40):
            at = chance.randrange(len(text))
            other = chance.choice("0aZ=,. \u00e9\u0661\u2028")
            changed = text[:at] + other + text[at + 1 :]
            if changed != text:
                headers = {**good, name: changed}
                yield {"secret": SECRET, "headers": headers, "body": BODY}
    for _ in range(40):
        at = chance.randrange(len(BODY))
        other = chance.choice("\0x\ufeff ")
        body = BODY[:at] + other + BODY[at + 1 :]
        if body != BODY:
            yield {"secret": SECRET, "headers": good, "body": body}


def test_nothing_of_a_request_can_be_changed(language: str, account: Account) -> None:
    requests = list(mutants(random.Random(1815)))
    assert set(judged(language, account, requests)) == {"WebhookInvalid"}


def test_one_of_several_secrets_is_enough(language: str, account: Account) -> None:
    headers = signed([key_of(SECRET)], "chg_1", NOW, BODY.encode())
    upper = {name.title(): text for name, text in headers.items()}
    requests = [
        {"secret": [OTHER, SECRET], "headers": upper, "body": BODY},
        {"secret": [OTHER], "headers": upper, "body": BODY},
    ]
    found = judged(language, account, requests)
    assert found == ["contact.created", "WebhookInvalid"]


def test_a_secret_that_is_none_is_no_reason_to_trust(
    language: str, account: Account
) -> None:
    """An empty key would fit what anybody signs."""
    headers = signed([b""], "chg_1", NOW, BODY.encode())
    secrets = ["", "whsec_", "whsec_%", "whsec_YQ", []]
    requests = [{"secret": each, "headers": headers, "body": BODY} for each in secrets]
    error = "ValueError" if language == "python" else "TypeError"
    assert judged(language, account, requests) == [error] * len(secrets)


def test_what_is_signed_and_tells_no_change_is_refused(
    language: str, account: Account
) -> None:
    bodies = ["", "{", "[]", "null", '{"type": "contact.created"}', "1"]
    requests = [
        {
            "secret": SECRET,
            "headers": signed([key_of(SECRET)], "chg_1", NOW, each.encode()),
            "body": each,
        }
        for each in bodies
    ]
    assert set(judged(language, account, requests)) == {"WebhookInvalid"}


def test_a_body_that_was_parsed_is_an_error_of_the_program(account: Account) -> None:
    parsed: Any = {"type": "contact.created"}
    secret = "whsec_" + b64encode(b"k" * 32).decode()
    with pytest.raises(TypeError, match="as it came"):
        verify_webhook(parsed, {}, secret)


def test_headers_come_as_pairs_of_bytes_too() -> None:
    """As servers for ASGI have them."""
    headers = signed([key_of(SECRET)], "chg_1", NOW, BODY.encode())
    pairs = [(name.encode(), text.encode()) for name, text in headers.items()]
    event = verify_webhook(BODY.encode(), pairs, SECRET, clock=lambda: NOW)
    change: object = event.change
    assert (event.id, change) == ("chg_1", {"a": "é"})
