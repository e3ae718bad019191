"""What is sent can be watched and carried by others, and what failed says why."""

import json
import socket
from dataclasses import replace

import pytest

from tests.clients.programs import Account
from tests.clients.typescript.programs import run_program
from tests.clients.unreliable import LOST_REQUEST, Network, Said

pytestmark = pytest.mark.node


def test_hooks_are_told_of_each_attempt_and_of_no_secret(
    account: Account, network: Network
) -> None:
    network.faults += [Said(503), LOST_REQUEST]
    told = run_program(
        account,
        """
        const found = []
        const hooks = {
          onRequest: (attempt) => found.push(attempt),
          onResponse: ({ milliseconds, error, ...rest }) =>
            found.push({ ...rest, error: error?.name, took: milliseconds >= 0 }),
        }
        const client = new all.ProspectConnect({ ...settings, hooks })
        await client.contacts.create({ first_name: 'Ada', phone: '555 1815' })
        return found
        """,
    )
    url = f"{network.address}/v1/contacts"
    ends: list[dict[str, object]] = [
        {"status": 503},
        {"error": "Unreachable"},
        {"status": 201},
    ]
    expected: list[dict[str, object]] = []
    for attempt, end in enumerate(ends, start=1):
        asked: dict[str, object] = {"method": "POST", "url": url, "attempt": attempt}
        expected += [asked, {**asked, **end, "took": True}]
    assert told == expected
    assert account.token not in json.dumps(told)


def test_a_transport_may_be_given(account: Account, network: Network) -> None:
    assert run_program(
        account,
        """
        const seen = []
        const carry = (url, init) => { seen.push(url); return fetch(url, init) }
        const client = new all.ProspectConnect({ ...settings, fetch: carry })
        return [(await client.me.get()).role, seen]
        """,
    ) == ["owner", [f"{network.address}/v1/me"]]


def test_settings_in_the_form_of_python_are_refused_with_the_form(
    account: Account,
) -> None:
    told = run_program(
        account,
        """
        const { token, address } = settings
        const failed = (make) => { try { make() } catch (error) { return `${error}` } }
        return [
          failed(() => new all.ProspectConnect(token, address)),
          failed(() => new all.ProspectConnect()),
        ]
        """,
    )
    form = "TypeError: Give one object: new ProspectConnect({ token, address })."
    assert told == [form, form]


def test_what_is_out_of_reach_says_where_and_why(account: Account) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = "{}:{}".format(*server.getsockname())
    message, code = run_program(
        replace(account, address=f"http://{host}"),
        """
        const error = await api.me.get().catch((error) => error)
        return [error.message, error.cause.cause.code]
        """,
    )
    assert message == f"No answer came from {host}: connect ECONNREFUSED {host}"
    assert code == "ECONNREFUSED"


def test_an_answer_that_does_not_come_in_time_says_so(account: Account) -> None:
    message = run_program(
        account,
        """
        const wait = (_, { signal }) => new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        })
        const impatient = { ...settings, timeout: 0.01, fetch: wait }
        const client = new all.ProspectConnect(impatient)
        return (await client.me.get().catch((error) => error)).message
        """,
    )
    assert message.endswith("The operation was aborted due to timeout")


@pytest.mark.parametrize(
    "key", ["", "a\nb", "a\n", " a", "a b", "schlüssel", "a" * 256, "\0", 5, None]
)
def test_what_is_no_key_is_refused_before_any_attempt(
    account: Account, network: Network, key: object
) -> None:
    end = run_program(
        account,
        """
        const options = { idempotencyKey: told.key }
        return outcome(() => api.contacts.create({ phone: '555 1815' }, options))
        """,
        key=key,
    )
    told = "TypeError: An idempotency key is 1 to 255 visible ASCII characters."
    assert end == {"error": told}
    assert network.seen == []


@pytest.mark.parametrize("version", ["", '"1"\n', '"1"\r\nX: y', '"ä"', " ", 1, None])
def test_what_is_no_version_is_refused_before_any_attempt(
    account: Account, network: Network, version: object
) -> None:
    end = run_program(
        account,
        """
        const options = { ifMatch: told.version }
        const body = { phone: '555 1815' }
        return outcome(() => api.contacts.update('con_1', body, options))
        """,
        version=version,
    )
    assert end == {"error": "TypeError: If-Match is not visible ASCII text."}
    assert network.seen == []
