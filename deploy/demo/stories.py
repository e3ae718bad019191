"""The stories of the demonstration data: a contact with all records about it.

The number of records depends on the contact's lifecycle stage: a lead got one or two
e-mails, an opportunity has an open deal, and a customer has the deal that it won.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message
from prospectconnect.crm.v1.activities_pb2 import Activity
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import (
    LIFECYCLE_STAGE_CUSTOMER,
    LIFECYCLE_STAGE_LEAD,
    LIFECYCLE_STAGE_OPPORTUNITY,
    LIFECYCLE_STAGE_OTHER,
    LIFECYCLE_STAGE_QUALIFIED,
    LIFECYCLE_STAGE_SUBSCRIBER,
    Contact,
)

from deploy.demo.deals import LOST, OPEN, WON, Told, renewal, sale
from deploy.demo.draws import last_office_moment, some
from deploy.demo.pasts import past
from deploy.demo.scene import Relation, Scene
from deploy.demo.timeline import conversation, created
from deploy.demo.words import (
    CUSTOMER_TALKS,
    FIRST_TALKS,
    RENEWAL_TALKS,
    SALES_TALKS,
    Talk,
)
from deploy.demo.work import completed_task, note, open_task
from services.clock import DAY, from_timestamp

_FIRST_MONTHS = 120 * DAY  # the time of the first conversations with a new contact
_NEW = 60 * DAY  # the time in which no deal is decided


@dataclass(frozen=True, slots=True)
class _Share:
    """The records about a contact besides its deals: the numbers of conversations, and
    how often there is a note or an open task."""

    talks: Sequence[int]
    notes: float
    tasks: float


_SHARES = {
    LIFECYCLE_STAGE_SUBSCRIBER: _Share((0, 0, 0, 1), 0.02, 0.01),
    LIFECYCLE_STAGE_LEAD: _Share((0, 0, 1), 0.08, 0.04),
    LIFECYCLE_STAGE_QUALIFIED: _Share((0, 1, 1, 2), 0.3, 0.15),
    LIFECYCLE_STAGE_OPPORTUNITY: _Share((0, 1, 1, 2), 0.3, 0.05),
    LIFECYCLE_STAGE_CUSTOMER: _Share((0, 1, 1, 2), 0.4, 0.15),
    LIFECYCLE_STAGE_OTHER: _Share((0, 0, 1), 0.1, 0.0),
}


def story(scene: Scene, contact: Contact, company: Company | None) -> list[Message]:
    """A contact and its deals, tasks, notes and activities, in no particular order.

    It sets the contact's fields that follow from them: when it was last contacted, and
    its lifecycle stage.
    """
    seller = contact.owner_id or scene.random.choice(scene.sellers)
    relation = Relation(contact, company, seller)
    told = _deals(scene, relation)
    talks = list(_talks(scene, relation, told))
    if talks:
        latest = max(talks, key=lambda each: from_timestamp(each.occurred_at))
        contact.last_contacted_at.CopyFrom(latest.occurred_at)
        contact.updated_at.CopyFrom(latest.occurred_at)
    came = (
        past(scene, contact, talks)
        if scene.log.keeps
        else created(scene, contact, contact.created_by)
    )
    records: list[Message] = [contact, *came]
    for each in told:
        records += [each.deal, *each.events]
    return [*records, *talks, *_work(scene, relation, told)]


def _deals(scene: Scene, relation: Relation) -> list[Told]:
    contact = relation.contact
    is_new = scene.ends_at - from_timestamp(contact.created_at) < _NEW
    if contact.lifecycle_stage == LIFECYCLE_STAGE_CUSTOMER and is_new:
        contact.lifecycle_stage = LIFECYCLE_STAGE_OPPORTUNITY
    if contact.lifecycle_stage == LIFECYCLE_STAGE_CUSTOMER:
        first = sale(scene, relation, WON)
        again = renewal(scene, relation, first.deal)
        return [first] if again is None else [first, again]
    if contact.lifecycle_stage == LIFECYCLE_STAGE_OPPORTUNITY:
        return [sale(scene, relation, OPEN)]
    is_qualified = contact.lifecycle_stage == LIFECYCLE_STAGE_QUALIFIED
    if is_qualified and not is_new and scene.random.random() < 0.35:
        return [sale(scene, relation, LOST)]
    return []


def _talks(
    scene: Scene, relation: Relation, told: Sequence[Told]
) -> Iterator[Activity]:
    """All e-mails, calls and meetings: before, during and after the deals."""
    came = from_timestamp(relation.contact.created_at)
    until = told[0].between(scene)[0] if told else scene.ends_at
    until = last_office_moment(min(until, came + _FIRST_MONTHS))
    share = _SHARES[relation.contact.lifecycle_stage]
    talks = _some(scene, FIRST_TALKS, share.talks)
    yield from conversation(scene, relation, talks, (came, until))
    for number, each in enumerate(told):
        script, counts = (
            (RENEWAL_TALKS, (0, 1, 2)) if number else (SALES_TALKS, (1, 2, 2))
        )
        talks = _some(scene, script, counts)
        between = each.between(scene)
        yield from conversation(scene, relation, talks, between, each.deal)
    if relation.contact.lifecycle_stage == LIFECYCLE_STAGE_CUSTOMER:
        since = told[0].between(scene)[1], scene.ends_at
        talks = _some(scene, CUSTOMER_TALKS, (0, 1, 2))
        yield from conversation(scene, relation, talks, since)


def _some(scene: Scene, script: Sequence[Talk], counts: Sequence[int]) -> list[Talk]:
    """Draws some conversations of a script, and keeps their order."""
    chosen = some(scene.random, range(len(script)), counts)
    return [script[index] for index in sorted(chosen)]


def _work(scene: Scene, relation: Relation, told: Sequence[Told]) -> Iterator[Message]:
    """Tasks and notes, about the contact and about its deals."""
    random, share = scene.random, _SHARES[relation.contact.lifecycle_stage]
    whole = from_timestamp(relation.contact.created_at), scene.ends_at
    if random.random() < share.notes:
        yield from note(scene, relation, whole)
    if random.random() < share.tasks:
        yield from open_task(scene, relation)
    for each in told:
        between = each.between(scene)
        if random.random() < 0.4:
            yield from note(scene, relation, between, each.deal)
        if random.random() < 0.5:
            yield from completed_task(scene, relation, between, each.deal)
        if not each.deal.HasField("closed_at") and random.random() < 0.7:
            yield from open_task(scene, relation, each.deal)
