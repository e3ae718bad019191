"""The services behind an edge of these tests, as real as its gates need them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.empty_pb2 import Empty
from google.rpc import error_details_pb2, status_pb2
from prospectconnect.crm.v1 import contacts_pb2, contacts_pb2_grpc
from prospectconnect.iam.v1 import (
    access_pb2,
    access_pb2_grpc,
    confirmations_pb2,
    confirmations_pb2_grpc,
)
from prospectconnect.type.v1 import history_pb2

from edge.upstream.errors import DOMAIN

Context = Any


@dataclass
class Contacts(contacts_pb2_grpc.ContactServiceServicer):
    """Answers with what it was sent, and keeps that."""

    seen: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def keep(self, request: Any, context: Context) -> dict[str, Any]:
        metadata = dict(context.invocation_metadata())
        self.seen.append((request, metadata))
        return metadata

    async def unused(self, request: Any, context: Context) -> Any:
        raise NotImplementedError

    BatchContacts = unused
    AggregateContacts = unused
    RestoreContact = unused
    EraseContact = unused
    MergeContact = unused
    UnmergeContact = unused

    async def GetContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        if request.id == "con_slow":
            await self.wait_for_ever()
        if request.id == "con_none":
            await fail(context, grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        return contacts_pb2.Contact(id=request.id, name="Ann", etag="7")

    async def wait_for_ever(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def CreateContact(self, request: Any, context: Context) -> Any:
        metadata = self.keep(request, context)
        if "x-faulty-fields" in metadata or request.contact.email == "bad":
            faults = error_details_pb2.BadRequest()
            faults.field_violations.add(
                field="contact.email", reason="REQUIRED", description="Is required."
            )
            faults.field_violations.add(
                field="contact.phone", reason="TOO_LONG", description="Too long."
            )
            code = grpc.StatusCode.INVALID_ARGUMENT
            await fail(context, code, "VALIDATION_FAILED", faults)
        if metadata.get("idempotency-key") == "again":
            context.set_trailing_metadata((("idempotent-replayed", "true"),))
        made = contacts_pb2.Contact()
        made.CopyFrom(request.contact)
        made.id, made.etag = "con_new", "1"
        return made

    async def UpdateContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, etag="8")

    async def DeleteContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return Empty()

    async def UpsertContact(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.UpsertContactResponse(data=request.contact)

    async def AddContactTags(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, tags=request.tags, etag="9")

    async def RemoveContactTag(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, etag="9")

    async def ReadContactHistory(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return history_pb2.History()

    async def ReadContactAsOf(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.Contact(id=request.id, etag="9")

    async def FindContactDuplicates(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        return contacts_pb2.FindContactDuplicatesResponse()

    async def ListContactDuplicates(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        page = contacts_pb2.ListContactDuplicatesResponse()
        page.meta.cursor.has_more = False
        return page

    async def SearchContacts(self, request: Any, context: Context) -> Any:
        self.keep(request, context)
        page = contacts_pb2.SearchContactsResponse()
        page.meta.cursor.has_more = False
        if request.include_total:
            page.meta.total = 3
        return page


def limit(requests: int) -> access_pb2.RateLimit:
    """A budget for ten seconds."""
    return access_pb2.RateLimit(limit=requests, window_seconds=10)


class Access(access_pb2_grpc.AccessServiceServicer):
    """Knows two tokens: `good` may do all, `reader` may read and has a small budget."""

    async def ResolveCaller(self, request: Any, context: Context) -> Any:
        token = dict(context.invocation_metadata())["authorization"]
        if token not in ("Bearer good", "Bearer reader", "Bearer role"):
            await fail(context, grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID")
        everything = ["contact.read", "contact.write", "contact.delete"]
        return access_pb2.Caller(
            business_id="biz_1",
            user_id="usr_1",
            token_id=token,
            scope_permissions=everything[: 1 if "reader" in token else 3],
            role_permissions=everything[: 1 if "role" in token else 3],
            token_limit=limit(3 if "reader" in token else 1000),
            tenant_limit=limit(10_000),
        )

    async def GetMe(self, request: Any, context: Context) -> Any:
        return access_pb2.Me(rate_limit=limit(1000))


async def fail(
    context: Context, code: grpc.StatusCode, reason: str, *details: Any
) -> None:
    """Ends a call as the services do."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN)
    status = status_pb2.Status(code=code.value[0], message="As told.")
    for detail in (info, *details):
        packed = Packed()
        packed.Pack(detail)
        status.details.append(packed)
    trailing = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, "As told.", trailing)


@dataclass
class Confirmations(confirmations_pb2_grpc.ConfirmationServiceServicer):
    """Gives confirmations that say themselves what they are good for."""

    spent: set[str] = field(default_factory=set)

    async def CreateConfirmation(self, request: Any, context: Context) -> Any:
        told = f"{request.call.hex()}.{request.state.hex()}.{len(self.spent)}"
        return confirmations_pb2.Confirmation(confirmation=told)

    async def SpendConfirmation(self, request: Any, context: Context) -> Any:
        call, state, _ = (*request.confirmation.split("."), "", "")[:3]
        is_good = (call, state) == (request.call.hex(), request.state.hex())
        if not is_good or request.confirmation in self.spent:
            faults = error_details_pb2.BadRequest()
            faults.field_violations.add(
                field="confirmation", reason="INVALID", description="Not good."
            )
            code = grpc.StatusCode.INVALID_ARGUMENT
            await fail(context, code, "VALIDATION_FAILED", faults)
        self.spent.add(request.confirmation)
        return Empty()
