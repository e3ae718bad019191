"""Senders over REST: made, verified by a mailed link, changed, and kept secret."""

import json
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
from tests.harness.promptly import within
from tests.harness.wire.mail_server import MailServer, mail_server
from tests.stacks import Stack
from tests.world import administer, new_tenant

ALLOWED = {"PROSPECTCONNECT_WEBHOOKS_PRIVATE_ADDRESSES": "true"}
PASSWORD = "  s3cret of ours, with spaces  "  # noqa: S105 - of tests
USERNAME = "robot"


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


def verified(owner: Client, server: MailServer, address: str) -> dict[str, Any]:
    """A sender that is verified by the link in its mail."""
    sender = owner.create("/senders", {"address": address, "smtp": at(server)})
    assert owner.post(f"/senders/{sender['id']}/verify", {}).status == 200
    server.wait_for(lambda took: any(each.recipient == address for each in took))
    (mail,) = [each for each in server.took if each.recipient == address]
    assert owner.page("POST", link_in(mail.text)).status == 200
    return owner.get(f"/senders/{sender['id']}").json


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
    print(mail.text)
