"""What an address is written to about, and how a link in a mail ends it.

The reader has no token. The link alone says whose tenant, contact and address it is, so
each method works as a caller that may add consents and suppressions of this tenant, and
nothing else.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from prospectconnect.engagement.v1 import subscriptions_pb2 as pb

from services.caller import Call, current_call
from services.consent.deciding import Known, refusal
from services.consent.ending import Ending
from services.consent.linked import Linked, open_linked
from services.errors import NotFound
from services.gates.figures import Figures
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.sealed.mailed_links import MailedLinks
from services.sealed.secret_keys import SecretKeys

MOST_TOPICS = 100
_GRANTED_BY_LAW = "t.requires = 2"  # TOPIC_REQUIREMENT_LEGITIMATE_INTEREST
_NEWEST = """
  SELECT c.status FROM consents AS c WHERE c.business_id = $1 AND c.contact_id = e.id
    AND c.topic_id = t.id AND c.deleted_at IS NULL
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1"""
# What each contact has said last about a topic, 0 for nothing. Topics that nobody here
# is written to about, nor has said anything of, are the tenant's own business. Values:
# business, the contacts' ids, the topic of the link.
_TOPICS = f"""
SELECT t.id, t.name, t.description, t.requires, ARRAY(
  SELECT coalesce(({_NEWEST}), 0)
  FROM unnest($2::text[]) WITH ORDINALITY AS e (id, place) ORDER BY e.place
) AS said
FROM topics AS t WHERE t.business_id = $1 AND t.deleted_at IS NULL AND (
  t.id = $3 OR (cardinality($2::text[]) > 0 AND {_GRANTED_BY_LAW})
  OR EXISTS (SELECT FROM consents AS c WHERE c.business_id = $1
    AND c.contact_id = ANY($2::text[]) AND c.topic_id = t.id AND c.deleted_at IS NULL)
)
ORDER BY (t.id = $3) DESC, lower(t.name) COLLATE "C", t.id LIMIT {MOST_TOPICS}
"""


class SubscriptionMethods:
    """The methods of `SubscriptionService`, as the proto describes them."""

    def __init__(
        self,
        database: Database,
        every: Mapping[str, Records[Any]],
        links: MailedLinks,
        keys: SecretKeys,
        figures: Figures | None,
    ) -> None:
        self._database, self._links, self._figures = database, links, figures
        self._ending = Ending(database, every, keys)

    async def GetSubscriptions(
        self, request: pb.GetSubscriptionsRequest, _: Any
    ) -> pb.Subscriptions:
        return await self._told(await self._opened(request.link))

    async def EndSubscriptions(
        self, request: pb.EndSubscriptionsRequest, _: Any
    ) -> pb.Subscriptions:
        linked = await self._opened(request.link)
        call = Call(linked.caller, traceparent=current_call().traceparent)
        topics = request.topic_ids or [linked.link.topic_id]
        with linked.written():
            has_ended = await self._ending.end(
                call, linked.link, () if request.all else topics
            )
            if has_ended and self._figures is not None:
                self._figures.unsubscribed += 1
            return await self._told(linked)

    async def _opened(self, text: str) -> Linked:
        link = self._links.open(text)
        linked = None if link is None else await open_linked(self._database, link)
        if linked is None:
            raise NotFound("There is no such link.")
        return linked

    async def _told(self, linked: Linked) -> pb.Subscriptions:
        link, ending = linked.link, self._ending
        contacts = await ending.contacts(self._database, link)
        ended = await ending.is_suppressed(self._database, link)
        ids = [each["id"] for each in contacts]
        given = link.business_id, ids, link.topic_id
        answer = pb.Subscriptions(
            business_name=linked.caller.business_name,
            address=_hidden(link.address),
            ended=ended,
        )
        for row in await self._database.rows(_TOPICS, *given):
            answer.topics.add(
                topic_id=row["id"],
                name=row["name"],
                description=row["description"],
                active=not ended and _is_active(row, contacts),
                linked=row["id"] == link.topic_id,
            )
        return answer


def _is_active(topic: Row, contacts: Sequence[Row]) -> bool:
    """Whether one of the contacts may be written to about a topic."""
    return any(
        refusal(topic["requires"], Known(contact["has_email"], False, said or None))
        is None
        for contact, said in zip(contacts, topic["said"], strict=True)
    )


def _hidden(address: str) -> str:
    local, _, host = address.rpartition("@")
    return f"{local[:1]}…@{host}"
