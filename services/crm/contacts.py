"""Contacts: the people whom a tenant sells to."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1 import contacts_pb2_grpc
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import current_call
from services.errors import ValidationFailed
from services.faults import Fault
from services.kinds import masks
from services.kinds.field_rules import distinct, lowered
from services.records.engine import Records
from services.records.upserts import Match, Upserts
from services.search.searches import Searches


def derive(contact: pb.Contact) -> None:
    """Names a contact: first and last name, else e-mail address, else telephone."""
    full_name = f"{contact.first_name} {contact.last_name}".strip()
    contact.name = full_name or contact.email or contact.phone


# How an upsert finds its contact when no id is given, in this order.
MATCHES = (
    Match("email", "(coalesce(lower(r.email), '') COLLATE \"C\")", "lower({})"),
    Match("phone", "r.phone_digits", "digits({})"),
)


class ContactService(contacts_pb2_grpc.ContactServiceServicer):
    """The methods of `ContactService`; what they promise stands in the proto."""

    def __init__(self, records: Records, searches: Searches) -> None:
        self._records = records
        self._searches = searches
        self._upserts = Upserts(records, MATCHES)

    async def GetContact(self, request: pb.GetContactRequest, _: Any) -> Any:
        return await self._records.get(current_call().caller, request.id)

    async def SearchContacts(self, request: pb.SearchContactsRequest, _: Any) -> Any:
        return await self._searches.search(
            current_call(), request, pb.SearchContactsResponse
        )

    async def CreateContact(self, request: pb.CreateContactRequest, _: Any) -> Any:
        return await self._records.create(current_call(), request.contact)

    async def UpdateContact(self, request: pb.UpdateContactRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(),
            request.id,
            masks.writer(self._records.kind, request),
            request.etag,
        )

    async def DeleteContact(self, request: pb.DeleteContactRequest, _: Any) -> Empty:
        await self._records.delete(current_call(), request.id, request.etag)
        return Empty()

    async def UpsertContact(self, request: pb.UpsertContactRequest, _: Any) -> Any:
        return await self._upserts.upsert(current_call(), request, _upserted)

    async def AddContactTags(self, request: pb.AddContactTagsRequest, _: Any) -> Any:
        def add(contact: pb.Contact) -> None:
            contact.tags[:] = distinct([*contact.tags, *request.tags])
            self._check_tags(contact)

        return await self._records.update(current_call(), request.id, add, request.etag)

    async def RemoveContactTag(
        self, request: pb.RemoveContactTagRequest, _: Any
    ) -> Any:
        tag = lowered(request.tag.strip())

        def remove(contact: pb.Contact) -> None:
            contact.tags[:] = [each for each in contact.tags if lowered(each) != tag]

        return await self._records.update(
            current_call(), request.id, remove, request.etag
        )

    def _check_tags(self, contact: pb.Contact) -> None:
        """The rule of the whole list, which a request that adds to it cannot know."""
        most = self._records.kind.by_name["tags"].policy.max_items
        if len(contact.tags) > most:
            code = FaultCode.FAULT_CODE_TOO_MANY
            message = f"A contact has at most {most} tags."
            raise ValidationFailed([Fault("tags", code, message)])


def _upserted(created: bool, contact: pb.Contact) -> pb.UpsertContactResponse:
    status = pb.UPSERT_STATUS_CREATED if created else pb.UPSERT_STATUS_UPDATED
    return pb.UpsertContactResponse(status=status, data=contact)
