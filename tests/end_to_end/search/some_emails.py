"""Senders and e-mails of a tenant that is filled at random."""

from tests.end_to_end.search.drawing import Filling
from tests.promises import mailed

_SMTP = {"host": "smtp.engine.example", "port": 587, "security": "starttls"}


def mail_some(make: Filling, many: int) -> None:
    """Senders, some of them verified, and e-mails of both users to contacts they see.

    None is sent: they wait, are cancelled, or must not be sent.
    """
    verified = [mailed.sender(make.owner)]
    for number in range(many):
        body = {
            "address": f"{make.random.choice(('Ada', 'eve'))}{number}@ours.example",
            "name": make.maybe(make.text),
            "smtp": _SMTP,
        }
        made = make.owner.create("/senders", body)["id"]
        if number % 3 == 0:
            mailed.verify(make.owner, made)
            verified.append(made)
    topics = [None, *(each["id"] for each in make.owner.pages("/topics"))]
    for client in (make.owner, make.member):
        contacts = [each["id"] for each in client.pages("/contacts", limit=100)]
        last: str | None = None
        for _ in range(many // 2):
            given = {
                "sender_id": make.random.choice(verified),
                "to_contact_id": make.random.choice(contacts),
                "subject": f"{make.text()}.",
                "topic_id": make.random.choice(topics),
                "in_reply_to": make.random.choice((None, last)),
            }
            made = client.create("/emails", mailed.request(client, **given))
            last = made["id"]
            if made["status"] == "queued" and make.random.random() < 0.3:
                answer = client.post(f"/emails/{last}/cancel", None)
                assert answer.status == 200, answer.body
