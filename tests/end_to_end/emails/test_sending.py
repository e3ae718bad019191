"""What sending an e-mail promises, against a real mail server."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.consent.agreeing import say, suppress, topic
from tests.end_to_end.emails.mailing import MAILING, PUBLIC_URL, ends, send, sender
from tests.end_to_end.emails.post_office import PostOffice, opened
from tests.end_to_end.merging.merged import contact
from tests.stacks import Stack
from tests.world import new_tenant

TEXTS = {"subject": "s", "text": "t"}


@pytest.fixture(scope="module")
def stack(migrated_database: Callable[[str], str]) -> Iterator[Stack]:
    """The product where mail servers may be on this machine."""
    with stacks.running("together", migrated_database("emails"), MAILING) as stack:
        yield stack


@pytest.fixture
def owner(stack: Stack) -> Iterator[Client]:
    """The owner of a new tenant."""
    with closing(new_tenant(stack).client()) as client:
        yield client


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server."""
    with opened() as office:
        yield office


@pytest.fixture
def news(owner: Client, stack: Stack, office: PostOffice) -> str:
    """A verified sender there."""
    return sender(owner, stack, office.port)


def test_a_personal_message_is_sent(
    owner: Client, office: PostOffice, news: str
) -> None:
    ada = contact(owner, "ada")
    made = send(owner, news, ada, subject="Grüße\r\nBcc: eve@x.example")
    assert (made["status"], made["reason"]) == ("queued", None)
    sent = ends(owner, made["id"])
    assert sent["status"] == "sent", sent
    assert sent["sent_at"] is not None
    (letter,) = office.to("ada@x.example")
    assert letter.message["Subject"] == "Grüße Bcc: eve@x.example"
    assert letter.message["Message-ID"] == f"<{sent['message_id']}>"
    assert letter.message["List-Unsubscribe"] is None
    plain = letter.message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content() == "Good morning.\r\n"
    activity = owner.get(f"/activities/{sent['activity_id']}").json
    told = {key: activity[key] for key in ("type", "direction", "contact_id", "body")}
    assert told == {
        "type": "email",
        "direction": "outbound",
        "contact_id": ada,
        "body": "Good morning.",
    }


def test_what_must_not_be_sent_is_told_at_once(owner: Client, news: str) -> None:
    about, ada, bob = topic(owner), contact(owner, "ada"), contact(owner, "bob")
    nobody = owner.create("/contacts", {"phone": "+49 30 123"})["id"]
    suppress(owner, "bob@x.example")

    def told(who: str, **others: str) -> tuple[str, str | None]:
        made = send(owner, news, who, **others)
        return made["status"], made["reason"]

    assert told(ada, topic_id=about) == ("suppressed", "not_granted")
    say(owner, ada, about, "denied")
    assert told(ada, topic_id=about) == ("suppressed", "denied")
    say(owner, ada, about)
    assert told(ada, topic_id=about) == ("queued", None)
    assert told(bob) == ("suppressed", "suppressed")
    assert told(nobody) == ("suppressed", "no_email")


def test_a_denial_stops_what_waits(
    owner: Client, office: PostOffice, news: str
) -> None:
    about, ada = topic(owner), contact(owner, "ada")
    say(owner, ada, about)
    later = send(owner, news, ada, topic_id=about, send_at=soon(3))
    say(owner, ada, about, "denied")
    ended = ends(owner, later["id"])
    assert (ended["status"], ended["reason"]) == ("suppressed", "denied")
    assert office.count() == 0


def test_a_mail_of_a_topic_has_a_link_that_ends_it(
    owner: Client, office: PostOffice, news: str
) -> None:
    about, ada = topic(owner), contact(owner, "ada")
    say(owner, ada, about)
    first = ends(owner, send(owner, news, ada, topic_id=about)["id"])
    assert first["status"] == "sent", first
    second = send(owner, news, ada, topic_id=about, in_reply_to=first["id"])
    assert ends(owner, second["id"])["status"] == "sent"
    one, two = (each.message for each in office.to("ada@x.example"))
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one["List-Unsubscribe"].startswith(f"<{PUBLIC_URL}/unsubscribe/")
    assert two["In-Reply-To"] == two["References"] == f"<{first['message_id']}>"


def test_an_address_that_bounces_is_suppressed(
    owner: Client, office: PostOffice, news: str
) -> None:
    ada, bob = contact(owner, "ada"), contact(owner, "bob")
    answers = {"ada@x.example": "550 5.1.1 no such user", "bob@x.example": None}
    office.at_address = answers.get
    bounced = ends(owner, send(owner, news, ada)["id"])
    assert (bounced["status"], bounced["reason"]) == ("bounced", "address_refused")
    assert bounced["detail"] == "550 5.1.1 no such user"
    (found,) = owner.pages("/suppressions")
    assert (found["address"], found["reason"]) == ("ada@x.example", "bounced")
    assert found["created_by"] is None
    assert send(owner, news, ada)["reason"] == "suppressed"
    office.at_end = lambda _: "554 5.7.1 looks like spam"
    spam = ends(owner, send(owner, news, bob)["id"])
    assert (spam["status"], spam["reason"]) == ("bounced", "message_refused")
    assert len(owner.pages("/suppressions")) == 1


def test_an_email_that_waits_is_cancelled(
    owner: Client, office: PostOffice, news: str
) -> None:
    ada = contact(owner, "ada")
    made = send(owner, news, ada, send_at=soon(3))
    path = f"/emails/{made['id']}/cancel"
    assert owner.post(path, {}).json["status"] == "cancelled"
    assert owner.post(path, {}).status == 409
    other = ends(owner, send(owner, news, ada, send_at=soon(4))["id"])
    assert other["status"] == "sent"
    assert office.count() == 1
    assert owner.post(f"/emails/{other['id']}/cancel", {}).status == 409


def test_what_is_wrong_is_named(owner: Client, office: PostOffice, news: str) -> None:
    ada = contact(owner, "ada")
    body = {"sender_id": news, "to_contact_id": ada}
    template = owner.create(
        "/email_templates", {"name": "T", "subject": "{{ contact.email }}", "text": "t"}
    )["id"]
    assert owner.post("/emails", body).codes == {
        "subject": "required",
        "html": "required",
    }
    both = {**body, "template_id": template, "subject": "s", "text": "t"}
    assert owner.post("/emails", both).codes == {
        "subject": "invalid",
        "text": "invalid",
    }
    made = owner.create("/emails", {**body, "template_id": template})
    assert (made["subject"], made["text"]) == ("ada@x.example", "t")
    smtp = {"host": "127.0.0.1", "port": office.port, "security": "none"}
    given = {"address": "a@tenant.example", "smtp": smtp}
    unverified = owner.create("/senders", given)["id"]
    answer = owner.post("/emails", {**body, "sender_id": unverified, **TEXTS})
    assert answer.status == 409, answer.body
    gone = {**body, "topic_id": "top_" + "0" * 24, "in_reply_to": "x", **TEXTS}
    assert owner.post("/emails", gone).codes == {
        "topic_id": "not_found",
        "in_reply_to": "not_found",
    }


def soon(seconds: float) -> str:
    """A moment a little later."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
