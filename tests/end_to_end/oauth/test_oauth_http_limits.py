"""What one address may do, and who may say which one it is: a proxy that is trusted.

The stack is reached over TLS, as its setting says, so cookies have their full names.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from tests import stacks
from tests.client import Answer
from tests.harness.people.oauth import pkce
from tests.harness.people.oauth_scene import Scene, opened_scene
from tests.harness.people.person import Page, Person
from tests.harness.people.web_app import FORM, JSON, ask, register, sent_back

LIMITS = {
    "ADDRESS_REGISTRATIONS": "3/1h",
    "ADDRESS_FAILED_LOGINS": "3/1h",
    "ADDRESS_ENDPOINT_REQUESTS": "5/1h",
    "ADDRESS_PAGES": "40/1h",
    "ADDRESS_AUTHORIZATIONS": "20/1h",
    "TRUSTED_PROXIES": "127.0.0.1",
    "PUBLIC_URL": "https://api.example",
}


@pytest.fixture(scope="module")
def limited(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """A scene behind a proxy, with small limits."""
    data_dir: Path = tmp_path_factory.mktemp("limits")
    env = {f"PROSPECTCONNECT_{name}": value for name, value in LIMITS.items()}
    env["PROSPECTCONNECT_DATA_DIR"] = str(data_dir)
    with (
        stacks.running("together", database_url, env) as stack,
        opened_scene(stack) as scene,
    ):
        yield scene


@pytest.fixture
def address() -> str:
    """An address that nobody came from yet."""
    return str(IPv4Address(secrets.randbits(32)))


def registering(scene: Scene, address: str) -> Answer:
    body = b'{"redirect_uris": ["https://a.example/b"]}'
    headers = {**JSON, "x-forwarded-for": address}
    return ask(scene.tenant.stack.http, "POST", "/oauth/register", body, headers)


def check_limited(answer: Answer) -> None:
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json["error"] == "temporarily_unavailable"


def test_an_address_registers_so_many_apps(limited: Scene, address: str) -> None:
    statuses = [registering(limited, address).status for _ in range(3)]
    assert statuses == [201] * 3
    check_limited(registering(limited, address))
    elsewhere = str(IPv4Address(secrets.randbits(32)))
    assert registering(limited, elsewhere).status == 201
    forged = f"{elsewhere}, {address}"
    check_limited(registering(limited, forged))


def test_a_network_of_version_6_is_one_address(limited: Scene) -> None:
    network = secrets.randbits(64) << 64
    statuses = [
        registering(limited, str(IPv6Address(network + n))).status for n in range(4)
    ]
    assert statuses == [201] * 3 + [429]


def test_refused_registrations_count(limited: Scene, address: str) -> None:
    headers = {**JSON, "x-forwarded-for": address}
    path, http = "/oauth/register", limited.tenant.stack.http
    statuses = [ask(http, "POST", path, b"{", headers).status for _ in range(4)]
    assert statuses == [400] * 3 + [429]


def test_an_address_asks_so_often_for_tokens(limited: Scene, address: str) -> None:
    headers = {**FORM, "x-forwarded-for": address}
    http = limited.tenant.stack.http
    for path in ("token", "revoke", "introspect", "token", "revoke"):
        assert ask(http, "POST", f"/oauth/{path}", b"", headers).status in (400, 401)
    check_limited(ask(http, "POST", "/oauth/token", b"", headers))


def test_failed_logins_count_and_good_ones_do_not(limited: Scene, address: str) -> None:
    person = Person(limited.tenant.stack.http, headers={"x-forwarded-for": address})
    for _ in range(5):
        page = person.log_in(limited.email)
        assert isinstance(page, Page)
        assert page.path == "/account"
    answers = []
    for number in range(4):
        page = person.open("/oauth/login")
        assert isinstance(page, Page)
        email = f"nobody{number}@{limited.tenant.name}.example"
        refused = person.submit(page.forms[0], email=email, password="x")
        assert isinstance(refused, Page)
        answers.append(refused.answer)
    assert [answer.status for answer in answers] == [403] * 3 + [429]
    assert b"tried too often" in answers[-1].body
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_address_opens_so_many_pages(limited: Scene, address: str) -> None:
    person = Person(limited.tenant.stack.http, headers={"x-forwarded-for": address})
    for _ in range(40):
        assert person.send("GET", "/oauth/logout").status == 200
    for path in ("/oauth/authorize", "/oauth/login", "/oauth/consent"):
        answer = person.send("GET", path)
        assert answer.status == 429
        assert b"too often" in answer.body
        assert int(answer.headers["retry-after"]) > 0
    assert person.send("GET", "/.well-known/oauth-authorization-server").status == 200


def test_an_address_begins_fewer_authorizations(limited: Scene, address: str) -> None:
    person = Person(limited.tenant.stack.http, headers={"x-forwarded-for": address})
    for _ in range(20):
        assert person.send("GET", "/oauth/authorize").status == 400
    answer = person.send("GET", "/oauth/authorize")
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0
    assert person.send("GET", "/oauth/login").status == 200, "pages are still there"


def test_cookies_over_tls_are_this_hosts_alone(limited: Scene, address: str) -> None:
    person = Person(limited.tenant.stack.http, headers={"x-forwarded-for": address})
    page = person.open("/oauth/login")
    assert isinstance(page, Page)
    answers = [page.answer]
    fields = {**page.forms[0].fields, "email": limited.email}
    fields["password"] = "correct horse battery staple"
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    answers.append(person.send("POST", "/oauth/login", body))
    cookies = [cookie for answer in answers for cookie in answer.cookies]
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        for attribute in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure"):
            assert f"; {attribute}" in cookie
        assert "Domain" not in cookie
    plain = {"session": person.cookies["__Host-session"]}
    other = Person(person.address, plain, {"x-forwarded-for": address})
    asked = other.open("/account/apps")
    assert isinstance(asked, Page)
    assert asked.path.startswith("/oauth/login?"), "the plain name counts for nothing"


def test_what_is_told_names_the_public_address(limited: Scene, address: str) -> None:
    app = register(limited.tenant.stack.http)
    person = Person(app.address, headers={"x-forwarded-for": address})
    person.log_in(limited.email)
    verifier, challenge = pkce()
    target = app.target(challenge, resource="https://api.example/v1")
    told = sent_back(person.answer(person.open(target)))
    assert told["iss"] == "https://api.example"
    foreign = app.target(challenge, resource=f"http://{app.address}/v1")
    assert sent_back(person.open(foreign))["error"] == "invalid_target"
    assert app.exchange(told["code"], verifier).status == 200
    where = app.own("GET").json["registration_client_uri"]
    assert where == f"https://api.example/oauth/register/{app.id}"


REGISTRATION_TOKEN = "initial-access-token-of-thirty-two-or-more"


@pytest.mark.parametrize(
    ("kind", "given", "status", "error"),
    [
        ("closed", "", 403, "access_denied"),
        ("closed", REGISTRATION_TOKEN, 403, "access_denied"),
        ("token", "", 401, "invalid_token"),
        ("token", "x", 401, "invalid_token"),
        ("token", REGISTRATION_TOKEN, 201, ""),
    ],
)
def test_registration_can_be_bounded(
    bounded: Callable[[str], str], kind: str, given: str, status: int, error: str
) -> None:
    headers = {**JSON, "authorization": f"Bearer {given}"} if given else JSON
    body = b'{"redirect_uris": ["https://a.example/b"]}'
    answer = ask(bounded(kind), "POST", "/oauth/register", body, headers)
    assert (answer.status, answer.json.get("error", "")) == (status, error)
    challenge = answer.headers.get("www-authenticate", "")
    assert challenge.startswith("Bearer") == (status == 401)


@pytest.fixture(scope="module")
def bounded(database_url: str) -> Iterator[Callable[[str], str]]:
    """Where a server answers whose registration has a bound."""
    with ExitStack() as running:
        started: dict[str, str] = {}

        def http(kind: str) -> str:
            if kind not in started:
                env = {
                    "PROSPECTCONNECT_REGISTRATION": kind,
                    "PROSPECTCONNECT_REGISTRATION_TOKEN": REGISTRATION_TOKEN,
                }
                stack = stacks.running("together", database_url, env)
                started[kind] = running.enter_context(stack).http
            return started[kind]

        yield http


@pytest.mark.parametrize("host", ["evil.example", "api.example:1", ""])
def test_no_host_header_changes_who_the_issuer_is(limited: Scene, host: str) -> None:
    path = "/.well-known/oauth-authorization-server"
    answer = ask(limited.tenant.stack.http, "GET", path, headers={"host": host})
    assert answer.status == 200
    assert answer.json["issuer"] == "https://api.example"
