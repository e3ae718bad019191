"""Contacts: the people that a tenant sells to."""

from collections.abc import Sequence
from typing import Any

from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller, current_call
from services.crm.activities import settle_again
from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds.field_rules import distinct, lowered
from services.records.behaviour import Behaviour
from services.records.commands import Command
from services.records.engine import Records


def derive(contact: pb.Contact) -> None:
    """Sets a contact's name: first and last name, else e-mail, else telephone."""
    full_name = f"{contact.first_name} {contact.last_name}".strip()
    contact.name = full_name or contact.email or contact.phone


def revived(caller: Caller, contact: pb.Contact) -> Sequence[Command]:
    """Returns what sets `last_contacted_at` of a contact whose activities are back."""
    return (settle_again(caller, contact.id),)


class ContactMethods:
    """The methods of contacts that are not standard, as the proto describes them."""

    def __init__(self, records: Records[pb.Contact]) -> None:
        self._records = records

    async def AddContactTags(self, request: pb.AddContactTagsRequest, _: Any) -> Any:
        def add(contact: pb.Contact) -> None:
            contact.tags[:] = distinct([*contact.tags, *request.tags])
            self._check_tags(contact)

        return await self._records.update(current_call(), request.id, add, request.etag)

    async def RemoveContactTag(
        self, request: pb.RemoveContactTagRequest, _: Any
    ) -> Any:
        # Cuts a long text before comparing it: no tag is longer than `most`.
        most = self._records.kind.by_name["tags"].policy.items.max_len
        tag = lowered(request.tag.strip()[: most + 1])

        def remove(contact: pb.Contact) -> None:
            contact.tags[:] = [each for each in contact.tags if lowered(each) != tag]

        return await self._records.update(
            current_call(), request.id, remove, request.etag
        )

    def _check_tags(self, contact: pb.Contact) -> None:
        """Checks the number of all tags, which the request alone does not show."""
        most = self._records.kind.by_name["tags"].policy.max_items
        if len(contact.tags) > most:
            code = FaultCode.FAULT_CODE_TOO_MANY
            message = f"A contact has at most {most} tags."
            raise ValidationFailed([Fault("tags", code, message)])


BEHAVIOUR = Behaviour(derive=derive, revived=revived, methods=ContactMethods)
