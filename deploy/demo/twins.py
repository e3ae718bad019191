"""Records of the demonstration data that are there twice, and some that are fictions.

Twins differ as people write: in case, by a slip, by a nickname, by another form of a
telephone number, by another form of a company.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import LIFECYCLE_STAGE_LEAD, Contact

from deploy.demo.draws import drawn_id, moment_before, moment_between
from deploy.demo.scene import Scene
from services.clock import from_timestamp, to_timestamp
from services.crm.contacts import derive

# What a twin of a contact does not have from it.
_CONTACTS_OWN = (
    "external_ids",
    "last_contacted_at",
    "lead_score",
    "custom_fields",
    "source",
    "address1",
)
_COMPANYS_OWN = ("external_ids", "website", "description", "custom_fields")

_FIRM, _DOMAIN = "Wrongly Deleted Trading", "wrongly-deleted.example"
_STAFF = ("Ada", "Grace", "Alan", "Edsger")


@dataclass(frozen=True, slots=True)
class Originals:
    """The records that have twins."""

    people: Sequence[Contact]
    companies: Sequence[Company]


def twins(scene: Scene, of: Originals) -> Iterator[Any]:
    """A twin of each of them, and a second one of the first contact."""
    for number, person in enumerate((of.people[0], *of.people)):
        twin = _copied(scene, person, "con_", _CONTACTS_OWN)
        twin.lifecycle_stage = LIFECYCLE_STAGE_LEAD
        _WAYS[number % len(_WAYS)](twin)
        derive(twin)
        yield twin
    for company in of.companies:
        twin = _copied(scene, company, "cmp_", _COMPANYS_OWN)
        twin.name = company.name.upper()
        yield twin


def twin_of(scene: Scene, person: Contact) -> Contact:
    """A twin with the same e-mail address that has what the contact lacks."""
    twin: Contact = _copied(scene, person, "con_", _CONTACTS_OWN)
    twin.lifecycle_stage = LIFECYCLE_STAGE_LEAD
    twin.first_name = twin.first_name[:1] + "."
    twin.phone = "+1 555 0100"
    twin.tags.append("from a fair")
    derive(twin)
    return twin


def mistaken(scene: Scene) -> list[Any]:
    """A company with its contacts: the company first."""
    random, owner = scene.random, scene.sellers[0]
    moment = moment_before(random, scene.ends_at)
    stamp = to_timestamp(moment)
    made: dict[str, Any] = {"created_at": stamp, "updated_at": stamp}
    made |= {"owner_id": owner, "created_by": owner, "country": "GB"}
    firm = Company(
        id=drawn_id(random, "cmp_", moment),
        name=_FIRM,
        domain=_DOMAIN,
        **made,
    )
    people = [
        Contact(
            id=drawn_id(random, "con_", moment),
            first_name=first,
            last_name="Example",
            email=f"{first.lower()}@{_DOMAIN}",
            company_id=firm.id,
            lifecycle_stage=LIFECYCLE_STAGE_LEAD,
            **made,
        )
        for first in _STAFF
    ]
    for each in people:
        derive(each)
    return [firm, *people]


def _copied(scene: Scene, record: Any, prefix: str, without: Sequence[str]) -> Any:
    """A record made later by another user, with the same values but for some."""
    random, twin = scene.random, type(record)()
    twin.CopyFrom(record)
    for name in (*without, "etag", "merged_ids"):
        twin.ClearField(name)
    moment = moment_between(random, from_timestamp(record.created_at), scene.ends_at)
    twin.id = drawn_id(random, prefix, moment)
    twin.created_at.CopyFrom(to_timestamp(moment))
    twin.updated_at.CopyFrom(twin.created_at)
    twin.owner_id = twin.created_by = random.choice(scene.sellers)
    return twin


def _in_capitals(twin: Contact) -> None:
    twin.first_name, twin.last_name = twin.first_name.upper(), twin.last_name.upper()


def _swapped(twin: Contact) -> None:
    twin.first_name, twin.last_name = twin.last_name, twin.first_name


def _slipped(twin: Contact) -> None:
    """Two letters in the middle of the name have changed their places."""
    name, at = twin.last_name, len(twin.last_name) // 2
    twin.last_name = name[: at - 1] + name[at : at + 1] + name[at - 1] + name[at + 1 :]
    twin.ClearField("email")


def _written_otherwise(twin: Contact) -> None:
    twin.phone = "00" + "".join(each for each in twin.phone if each.isdigit())
    twin.ClearField("email")


_WAYS: Sequence[Callable[[Contact], None]] = (
    _in_capitals,
    _swapped,
    _slipped,
    _written_otherwise,
)
