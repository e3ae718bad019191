"""Activities: what happened with contacts, companies and deals, in order of time.

A contact's `last_contacted_at` is computed from its e-mails, calls and meetings, in the
transaction of each change to one of them. A creation does so in its own statement, as
it can only make the moment newer. For other changes the contact is locked first, so
that changes at the same time wait for each other. A linked company is locked before the
contact, which is the order of locks everywhere.
"""

from collections.abc import Sequence

from prospectconnect.crm.v1 import activities_pb2 as pb

from services.caller import Caller
from services.clock import now
from services.past.fields import CREATED_AT, Past
from services.records.behaviour import Behaviour
from services.records.commands import Around, Command
from services.records.log.actor import acting
from services.records.log.statements import moment_sql
from services.records.many.statements import logged_as
from services.records.values.newest import Newest

_LOCK_COMPANIES = """
SELECT 1 FROM companies WHERE business_id = $1 AND id = ANY($2::text[])
ORDER BY id FOR SHARE
"""
_LOCK = """
SELECT 1 FROM contacts WHERE business_id = $1 AND id = ANY($2::text[])
ORDER BY id FOR UPDATE
"""
# Values: business, the contacts, which are locked, the moment, who makes the change.
_SETTLE = logged_as(
    "contacts",
    ["last_contacted_at = latest.occurred_at"],
    "r.id = touched.id AND r.last_contacted_at IS DISTINCT FROM latest.occurred_at",
    values=(
        "'last_contacted_at'",
        moment_sql("touched.last_contacted_at"),
        moment_sql("latest.occurred_at"),
    ),
    actor=4,
    source=f"""(
  SELECT o.id, o.last_contacted_at FROM contacts AS o
  WHERE o.business_id = $1 AND o.id = ANY($2::text[])
) AS touched LEFT JOIN LATERAL (
  SELECT a.occurred_at FROM activities AS a
  WHERE a.business_id = $1 AND a.contact_id = touched.id AND a.deleted_at IS NULL
    AND a.type <> {int(pb.ACTIVITY_TYPE_SYSTEM)}
  ORDER BY a.occurred_at DESC, a.id DESC LIMIT 1
) AS latest ON true""",
)

NEWEST = Newest(
    table="contacts",
    column="last_contacted_at",
    link="contact_id",
    moment="occurred_at",
    counts=f"type <> {int(pb.ACTIVITY_TYPE_SYSTEM)}",
    told_by=("type",),
)


def begin(activity: pb.Activity) -> None:
    """Marks an activity as written by a client, not by the server."""
    activity.source = pb.ACTIVITY_SOURCE_API


def settle_contacts(
    caller: Caller, before: pb.Activity | None, after: pb.Activity | None
) -> Around | None:
    """Returns statements that update `last_contacted_at` of an activity's contacts."""
    if before is not None and after is not None:
        told_by = "contact_id", "occurred_at", "type"
        if all(getattr(before, n) == getattr(after, n) for n in told_by):
            return None
    states = [each for each in (before, after) if each is not None]
    contacts = sorted({each.contact_id for each in states if each.contact_id})
    if not contacts:
        return None
    has_company = after is not None and after.company_id
    return _settling(caller, contacts, [after.company_id] if has_company else [])  # type: ignore[union-attr]  # by `has_company`


def settle_again(caller: Caller, contact_id: str) -> Command:
    """Returns the statement that updates `last_contacted_at` of a locked contact."""
    values = caller.business_id, [contact_id], now(), acting(caller)
    return Command(_SETTLE, values)


def _settling(
    caller: Caller, contacts: Sequence[str], companies: Sequence[str]
) -> Around:
    """The statements for some contacts, and for the companies that are linked too."""
    here = [caller.business_id, contacts]
    locks = [Command(_LOCK, here)]
    if companies:
        named = [caller.business_id, companies]
        locks.insert(0, Command(_LOCK_COMPANIES, named))
    settle = Command(_SETTLE, [*here, now(), acting(caller)])
    return Around(before=locks, after=[settle])


def past(activity: pb.Activity, told: Past) -> Past:
    """The moments of an activity that was made elsewhere: it occurred when it was made,
    unless something else is said."""
    if activity.occurred_at == activity.created_at and CREATED_AT in told:
        return {**told, "occurred_at": told[CREATED_AT]}
    return told


BEHAVIOUR: Behaviour[pb.Activity] = Behaviour(
    begin=begin, around=settle_contacts, newest=NEWEST, past=past
)
