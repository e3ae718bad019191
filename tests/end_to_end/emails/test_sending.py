"""What sending an e-mail promises, against a real mail server."""

from collections.abc import Iterator

import pytest

from tests.client import Client
from tests.end_to_end.consent.agreeing import say, suppress, topic
from tests.end_to_end.emails.mailing import ends, mailer, send, sender
from tests.end_to_end.emails.post_office import PostOffice, opened
from tests.end_to_end.merging.merged import contact
from tests.stacks import Stack


@pytest.fixture
def office(stack: Stack) -> Iterator[PostOffice]:
    """A mail server, and a mailer that hands all mail of the stack in there."""
    with opened() as office, mailer(stack.database_url, office.port):
        yield office


@pytest.fixture
def news(owner: Client, stack: Stack) -> str:
    """A verified sender."""
    return sender(owner, stack.database_url)


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
    assert plain.get_content() == "Good morning.\n"
    activity = owner.get(f"/activities/{sent['activity_id']}").json
    told = {key: activity[key] for key in ("type", "direction", "contact_id", "body")}
    assert told == {
        "type": "email",
        "direction": "outbound",
        "contact_id": ada,
        "body": "Good morning.",
    }
