"""Senders over REST: made, verified by a mailed link, changed, and kept secret."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from services.postgres.database import Database
from tests import stacks
from tests.client import Client
from tests.harness.wire.mail_server import MailServer, mail_server
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant

ALLOWED = {"PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true"}
PASSWORD = "  s3cret of ours, with spaces  "
USERNAME = "robot"
# All tables of tenants.
_TABLES = """
SELECT t.relname::text FROM pg_class AS t
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attname = 'business_id'
WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace
"""
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def stack(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product where private addresses are allowed."""
    with stacks.running("together", migrated_database("senders"), ALLOWED) as stack:
        yield stack


@pytest.fixture
def owner(stack: Stack) -> Iterator[Client]:
    """The owner of a new tenant."""
    with closing(new_tenant(stack).client()) as client:
        yield client


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server without a login."""
    with mail_server() as server:
        yield server


def at(server: MailServer, **others: Any) -> dict[str, Any]:
    """The `smtp` of a sender at a server."""
    its = {"host": "127.0.0.1", "port": server.port, "security": "none"}
    return {**its, **others}


def link_in(text: str) -> str:
    """The path of the link in a mail."""
    found = re.search(r"https?://[^/]+(/senders/verify/\S+)", text)
    assert found, text
    return found[1]


def test_a_sender_is_verified_by_the_link_in_its_mail(
    owner: Client, server: MailServer
) -> None:
    given = {"address": "news@ours.example", "name": "Ours", "smtp": at(server)}
    sender = owner.create("/senders", given)
    assert sender["verified_at"] is None
    assert sender["daily_limit"] == 2000
    asked = owner.post(f"/senders/{sender['id']}/verify", {})
    assert (asked.status, asked.json["verified_at"]) == (200, None)
    server.wait_for(lambda took: len(took) == 1)
    (mail,) = server.took
    assert (mail.sender, mail.recipient) == ("news@ours.example",) * 2
    assert mail.message["auto-submitted"] == "auto-generated"
    path = link_in(mail.text)
    with closing(Client(owner.address, None, None)) as reader:
        shown = reader.raw("GET", path, None, {})
        assert shown.status == 200
        assert b"news@ours.example" in shown.body
        assert owner.get(f"/senders/{sender['id']}").json["verified_at"] is None
        done = reader.raw("POST", path, b"", FORM)
        assert done.status == 200, done.body
        assert not done.cookies
        assert b"is verified" in done.body
        assert reader.raw("GET", path[:-1], None, {}).status == 404
    assert owner.get(f"/senders/{sender['id']}").json["verified_at"]
    moved = owner.patch(f"/senders/{sender['id']}", {"address": "else@ours.example"})
    assert (moved.status, moved.json["verified_at"]) == (200, None)
    with closing(Client(owner.address, None, None)) as reader:
        assert reader.raw("POST", path, b"", FORM).status == 404


def test_links_are_bounded_by_day(owner: Client, server: MailServer) -> None:
    sender = owner.create("/senders", {"address": "a@ours.example", "smtp": at(server)})
    place = f"/senders/{sender['id']}/verify"
    answers = [owner.post(place, {}) for _ in range(6)]
    assert [each.status for each in answers] == [200] * 5 + [429]
    server.wait_for(lambda took: len(took) == 5)
    again = owner.post(place, {}, idempotency_key="once")
    assert again.status == 429


def test_a_password_goes_to_no_other_login(owner: Client) -> None:
    with mail_server() as one, mail_server() as other:
        login = {"security": "tls", "username": USERNAME, "password": PASSWORD}
        given = {"address": "a@ours.example", "smtp": at(one, **login)}
        sender = owner.create("/senders", given)
        assert "password" not in sender["smtp"]
        assert sender["password_set_at"]
        place = f"/senders/{sender['id']}"
        kept = at(one, security="tls", username=USERNAME)
        assert owner.patch(place, {"smtp": kept}).status == 200
        for changed in (
            {"port": other.port},
            {"host": "127.0.0.2"},
            {"security": "starttls"},
            {"username": "somebody"},
        ):
            answer = owner.patch(place, {"smtp": {**kept, **changed}})
            assert answer.status == 422, answer.body
            assert answer.codes == {"smtp.password": "required"}
        again = {**kept, "port": other.port, "password": "new"}
        assert owner.patch(place, {"smtp": again}).status == 200
        none = owner.patch(place, {"smtp": at(one)})
        assert none.json["password_set_at"] is None
        assert owner.patch(place, {"smtp": kept}).codes == {"smtp.password": "required"}


def test_what_cannot_send_is_refused(owner: Client, server: MailServer) -> None:
    def codes(**others: Any) -> dict[str, str]:
        given = {"address": "a@ours.example", "smtp": at(server), **others}
        answer = owner.post("/senders", given)
        assert answer.status == 422, answer.body
        return answer.codes

    assert codes(smtp=None) == {"smtp": "required"}
    assert codes(smtp=at(server, host="metadata")) == {"smtp.host": "invalid_format"}
    login = {"username": "a", "password": "b"}
    assert codes(smtp=at(server, **login)) == {"smtp.security": "invalid"}
    assert codes(smtp=at(server, password="b")) == {"smtp.username": "required"}
    assert codes(dkim={"selector": "s", "private_key": "no"}) == {
        "dkim.private_key": "invalid_format"
    }
    assert codes(dkim={"selector": "s"}) == {"dkim.private_key": "required"}


def test_secrets_are_nowhere(stack: Stack, server: MailServer) -> None:
    tenant = new_tenant(stack)
    with closing(tenant.client()) as owner:
        _try_secrets(stack, server, tenant, owner)


def _try_secrets(
    stack: Stack, server: MailServer, tenant: Tenant, owner: Client
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    login = {"security": "tls", "username": USERNAME, "password": PASSWORD}
    given = {
        "address": "a@ours.example",
        "smtp": at(server, **login),
        "dkim": {"selector": "mail", "private_key": pem},
        "external_ids": {"crm": "1"},
    }
    headers = {"idempotency_key": "a-key"}
    made = owner.post("/senders", given, **headers)
    assert made.status == 201, made.body
    place = f"/senders/{made.json['id']}"
    answers = [
        made,
        owner.post("/senders", given, **headers),
        owner.patch(place, {"smtp": at(server, **login), "dkim": given["dkim"]}),
        owner.post("/senders/upsert", {**given, "match_on": "external_ids.crm"}),
        owner.get(place),
        owner.post("/senders/search", {}),
        owner.post(f"{place}/history", {}),
        owner.post("/changes/read", {"start": "earliest", "include": ["state"]}),
        owner.post("/audit/search", {}),
        owner.delete(place),
        owner.post(f"{place}/restore", {}),
    ]
    assert {each.status for each in answers} <= {200, 201, 204}, answers
    part = pem.splitlines()[3]
    for each in answers:
        text = each.body.decode()
        assert PASSWORD.strip() not in text
        assert part not in text
    assert owner.get(place).json["password_set_at"]

    async def look(database: Database) -> list[str]:
        names = await database.rows(_TABLES)
        found = []
        for (name,) in names:
            sql = f'SELECT t::text FROM "{name}" AS t WHERE business_id = $1'
            rows = await database.rows(sql, tenant.business_id)
            texts = [row[0] for row in rows]
            if any(PASSWORD.strip() in each or part in each for each in texts):
                found.append(name)
        return found

    assert administer(stack.database_url, look) == []
