"""Topics of the demonstration data, consents to them, and suppressed addresses."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from prospectconnect.engagement.v1 import consents_pb2 as consents
from prospectconnect.engagement.v1 import suppressions_pb2 as suppressions
from prospectconnect.engagement.v1 import topics_pb2 as topics

from deploy.demo.draws import SEED
from services.clock import DAY, HOUR, now, to_timestamp
from services.ids import new_id
from services.postgres.database import Database, Row
from services.records.bulk import copy_together, rows_of

_IS_THERE = "SELECT 1 FROM topics WHERE business_id = $1 LIMIT 1"
_MOST_CONTACTS = 300
# Values: business, how many.
_CONTACTS = """
SELECT id, email FROM contacts WHERE business_id = $1 AND deleted_at IS NULL
  AND email IS NOT NULL ORDER BY created_at DESC, id LIMIT $2
"""
_TOPICS = (
    ("Newsletter", "What is new, once a month.", topics.TOPIC_REQUIREMENT_GRANTED),
    ("Events", "Invitations to our events.", topics.TOPIC_REQUIREMENT_GRANTED),
    (
        "Service",
        "Maintenance, prices and other news for customers.",
        topics.TOPIC_REQUIREMENT_LEGITIMATE_INTEREST,
    ),
)
_TEXT = "Yes, please write to me. I can take this back at any time."
_GRANTED, _DENIED = consents.CONSENT_STATUS_GRANTED, consents.CONSENT_STATUS_DENIED
_REASONS = (
    suppressions.SUPPRESSION_REASON_BOUNCED,
    suppressions.SUPPRESSION_REASON_UNSUBSCRIBED,
    suppressions.SUPPRESSION_REASON_COMPLAINED,
)
_ONE_IN_SUPPRESSED = 25


async def add_consents(database: Database, business_id: str, user: str) -> None:
    """Adds topics, what the newest contacts said to them, and suppressions."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    contacts = await database.rows(_CONTACTS, business_id, _MOST_CONTACTS)
    about = [_topic(user, *each) for each in _TOPICS]
    for records in (
        about,
        list(_consents(user, contacts, about)),
        list(_suppressions(user, contacts)),
    ):
        await copy_together(database, rows_of(business_id, records))


def _made(user: str, moment: int) -> dict[str, Any]:
    told = to_timestamp(moment)
    return {"created_at": told, "updated_at": told, "created_by": user, "etag": "1"}


def _topic(
    user: str, name: str, description: str, requires: topics.TopicRequirement.ValueType
) -> topics.Topic:
    return topics.Topic(
        id=new_id("top_"),
        name=name,
        description=description,
        requires=requires,
        **_made(user, now() - 400 * DAY),
    )


def _consents(
    user: str, contacts: Sequence[Row], about: Sequence[topics.Topic]
) -> Iterator[consents.Consent]:
    """What contacts said, some of them several times; each is newer than the last."""
    draws = Random(SEED)  # noqa: S311 - nothing secret
    for contact in contacts:
        topic = draws.choice(about)
        moment = now() - draws.randint(40, 380) * DAY
        for status in draws.choice(
            ((_GRANTED,), (_GRANTED,), (_GRANTED, _DENIED), (_DENIED, _GRANTED))
        ):
            is_granted = status == _GRANTED
            yield consents.Consent(
                id=new_id("cns_"),
                contact_id=contact["id"],
                topic_id=topic.id,
                status=status,
                basis="double opt-in" if is_granted else "link in a mail",
                source="https://demo.example/join" if is_granted else None,
                text=_TEXT if is_granted else None,
                **_made(user, moment),
            )
            moment += draws.randint(1, 30) * DAY + HOUR


def _suppressions(
    user: str, contacts: Sequence[Row]
) -> Iterator[suppressions.Suppression]:
    known = set[str]()
    for number, contact in enumerate(contacts[::_ONE_IN_SUPPRESSED]):
        address = contact["email"].lower()
        if address not in known:
            known.add(address)
            yield suppressions.Suppression(
                id=new_id("sup_"),
                address=address,
                reason=_REASONS[number % len(_REASONS)],
                **_made(user, now() - (number + 1) * DAY),
            )
