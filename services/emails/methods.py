"""The methods of e-mails: what is created here is what is sent, if it may be sent."""

import asyncio
from collections.abc import Mapping
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.engagement.v1 import emails_pb2 as pb
from prospectconnect.engagement.v1.email_templates_pb2 import EmailTemplate
from prospectconnect.engagement.v1.senders_pb2 import Sender
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, current_call
from services.clock import DAY, from_timestamp, now
from services.emails import texts
from services.emails.behaviour import QUEUED, check_queued
from services.emails.judging import Judged, judge
from services.emails.messages import message_id_of
from services.errors import NotFound, ValidationFailed, WrongState
from services.faults import Fault
from services.gates.permissions import check_permission
from services.mail.filling import Unfilled
from services.mail.rendering import Rendering
from services.mailing import queue
from services.postgres.bound import SCOPE, BoundDatabase
from services.postgres.database import Transaction
from services.records.engine import Records
from services.records.reading.short_pages import short_page
from services.records.versions import check_etag
from services.sealed.secret_keys import SecretKeys
from services.standard import Kept, standard_methods

MOST_AHEAD_DAYS = 366
_NOT_FOUND, _INVALID = FaultCode.FAULT_CODE_NOT_FOUND, FaultCode.FAULT_CODE_INVALID
_UNVERIFIED = (
    "The address of the sender is not verified, so nothing is sent from it."
    " POST /v1/senders/{id}/verify sends the link that verifies it."
)
_GOING = "The e-mail is on its way to the mail server, so it cannot be cancelled."
# What an e-mail names, with the kind of record, the permission to read it, and what one
# is called.
_NAMED = (
    ("sender_id", "sender", "sender.read", "sender"),
    ("to_contact_id", "contact", "contact.read", "contact"),
    ("template_id", "email_template", "template.read", "e-mail template"),
    ("topic_id", "topic", "topic.read", "topic"),
    ("in_reply_to", "email", "email.read", "e-mail"),
)


class EmailMethods:
    """Creates e-mails, finds them and cancels them. `keys` are those of digests."""

    def __init__(
        self, kept: Kept, every: Mapping[str, Records[Any]], keys: SecretKeys
    ) -> None:
        database = kept.records.database
        self._records: Records[pb.Email] = kept.records
        self._every, self._keys, self._rendering = every, keys, Rendering(every)
        self._bound = BoundDatabase(database)
        self._inside: Records[pb.Email] = kept.records.over(self._bound)
        service = pb.DESCRIPTOR.services_by_name["EmailService"]
        self._standard = standard_methods(service, kept)

    async def SearchEmails(self, request: Any, context: Any) -> Any:
        search = self._standard["SearchEmails"]
        return await short_page(search, current_call(), request, context)

    async def CreateEmail(self, request: pb.CreateEmailRequest, _: Any) -> pb.Email:
        call = current_call()
        check_permission(call.caller, "contact.read")
        email = pb.Email()
        email.CopyFrom(request.email)
        named = await self._named(call, email)
        sender: Sender = named["sender_id"]
        contact: Contact = named["to_contact_id"]
        await self._write(call, email, contact, named.get("template_id"))
        if not sender.HasField("verified_at"):
            raise WrongState(_UNVERIFIED.replace("{id}", sender.id))
        email.to_contact_id = contact.id  # which may stand for the one that was named
        its = call.caller.business_id, contact.id, email.topic_id
        judged = await judge(self._records.database, *its, self._keys.opening)

        def settle(record: pb.Email) -> None:
            _settle(record, judged, sender.address)

        return await self._records.create(call, email, settle)

    async def CancelEmail(self, request: pb.CancelEmailRequest, _: Any) -> pb.Email:
        call = current_call()

        async def cancel() -> pb.Email:
            before = await self._inside.get(call.caller, request.id)
            check_etag(before, request.etag)
            check_queued(before)
            transaction = self._bound.over(SCOPE.get().connection)
            await self._withdraw(transaction, call, before.id)

            def change(email: pb.Email) -> None:
                check_queued(email)
                email.status = pb.EMAIL_STATUS_CANCELLED

            return await self._inside.update(call, before.id, change, request.etag)

        done, _ = await self._bound.within(lambda _: cancel())
        return done

    async def _withdraw(
        self, transaction: Transaction, call: Call, email_id: str
    ) -> None:
        business_id = call.caller.business_id
        if not await queue.withdraw(transaction, business_id, email_id):
            raise WrongState(_GOING)

    async def _named(self, call: Call, email: pb.Email) -> dict[str, Any]:
        """The records that an e-mail names. Raises `ValidationFailed`."""
        found, faults = dict[str, Any](), texts.faults_of(email)
        for name, resource, permission, noun in _NAMED:
            record_id = getattr(email, name)
            if not record_id:
                continue
            try:
                if permission not in call.caller.role_permissions:
                    raise NotFound
                found[name] = await self._get(call, resource, record_id)
            except NotFound:
                message = f"There is no {noun} {record_id[:64]}."
                faults.append(Fault(f"{texts.AT}.{name}", _NOT_FOUND, message))
        most = now() + MOST_AHEAD_DAYS * DAY
        if email.HasField("send_at") and from_timestamp(email.send_at) > most:
            message = "Give a moment within a year."
            code = FaultCode.FAULT_CODE_TOO_LARGE
            faults.append(Fault(f"{texts.AT}.send_at", code, message))
        if faults:
            raise ValidationFailed(faults)
        return found

    async def _get(self, call: Call, resource: str, record_id: str) -> Any:
        if resource == "contact":
            return await self._rendering.contact(call, record_id)
        return await self._every[resource].get(call.caller, record_id)

    async def _write(
        self,
        call: Call,
        email: pb.Email,
        contact: Contact,
        template: EmailTemplate | None,
    ) -> None:
        """Writes the texts as they are sent. Raises `ValidationFailed`."""
        if template is None:
            faults = await asyncio.to_thread(texts.settle, email)
            if faults:
                raise ValidationFailed(faults)
            return
        try:
            made = await self._rendering.fill(call, template, contact)
        except Unfilled as unfilled:
            message = f"Its {unfilled.field} cannot be filled: {unfilled.refusal}"
            fault = Fault(f"{texts.AT}.template_id", _INVALID, message)
            raise ValidationFailed([fault]) from unfilled
        email.subject, email.html, email.text = made.subject, made.html, made.text


def _settle(record: pb.Email, judged: Judged, sender_address: str) -> None:
    """Sets what only the server sets of a new e-mail."""
    record.status = QUEUED
    record.message_id = message_id_of(record.id, sender_address)
    if judged.address:
        record.to_address = judged.address
    if judged.reason is not None:
        record.status, record.reason = pb.EMAIL_STATUS_SUPPRESSED, judged.reason
