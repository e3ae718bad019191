"""The methods of senders, as the proto describes them.

What a request holds of secrets is taken out of it first. The standard methods then run
on the rest, and the secrets are stored beside the record, in its transaction.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from prospectconnect.engagement.v1 import sender_links_pb2 as links_pb
from prospectconnect.engagement.v1 import senders_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import NOBODY, Call, Caller, current_call
from services.clock import DAY, now, to_timestamp
from services.delivering.addresses import Addresses
from services.errors import NotFound, RateLimited, ValidationFailed
from services.faults import Fault
from services.kinds.masks import written_names
from services.mailing import queue
from services.mailing.kinds import KIND_VERIFICATION
from services.mailing.statements import MADE
from services.postgres.database import Database, Transaction
from services.records.commands import Around, Command, keep_answer
from services.records.engine import Records
from services.sealed.forms import Forms
from services.sealed.vault import Vault
from services.senders import audited, links, secrets
from services.senders.bounds import LINKS_OF_SENDER, LINKS_OF_TENANT, SENDERS
from services.standard import Kept, standard_methods

_RETRY_SECONDS = 3_600
_WAKE = """
UPDATE sender_queues SET rests_until = NULL WHERE business_id = $1 AND sender_id = $2
"""
_NAME = "SELECT name FROM tenants WHERE business_id = $1"


class LinksLimited(RateLimited):
    """Too many links were mailed within a day."""

    def __init__(self) -> None:
        super().__init__("tenant", _RETRY_SECONDS)
        self.message = (
            f"At most {LINKS_OF_SENDER} links of a sender, and {LINKS_OF_TENANT} of a"
            " tenant, are mailed within 24 hours."
        )


def kept_records(records: Records[pb.Sender], vault: Vault) -> Records[pb.Sender]:
    """The senders, with what their changes store and tell besides."""
    return records.with_around(partial(_around, vault))


def _around(
    vault: Vault, caller: Caller, before: pb.Sender | None, after: pb.Sender | None
) -> Around:
    """Stores secrets, lets the queue look again, and tells the audit."""
    then = partial(_then, before, after, caller)
    if after is None:
        return Around(then=then)
    its = caller.business_id, after.id
    commands = [*secrets.stored(vault, caller.business_id, before, after)]
    return Around(after=[*commands, Command(_WAKE, its)], then=then)


async def _then(
    before: pb.Sender | None,
    after: pb.Sender | None,
    caller: Caller,
    transaction: Transaction,
) -> None:
    happened = audited.happened_to(before, after)
    told = after if after is not None else before
    assert told is not None  # noqa: S101 - one of them is there
    await audited.tell(happened, told, caller, transaction)
    if before is None:
        await _refuse_too_many(caller, transaction)


async def _refuse_too_many(caller: Caller, transaction: Transaction) -> None:
    """Refuses a sender that was made just now, where there are too many.

    Who told the audit holds its head, so that all of them are counted.
    """
    row: Any = await transaction.row(SENDERS.used, caller.business_id)
    if row[1] > SENDERS.most:
        code, message = FaultCode.FAULT_CODE_TOO_MANY, f"At most {SENDERS.most}."
        raise ValidationFailed([Fault("sender.address", code, message)])


class SenderMethods:
    """The methods of senders that write."""

    def __init__(
        self, kept: Kept, vault: Vault, addresses: Addresses, *, has_server: bool
    ) -> None:
        self._records = kept_records(kept.records, vault)
        self._addresses, self._has_server = addresses, has_server
        service = pb.DESCRIPTOR.services_by_name["SenderService"]
        self._standard = standard_methods(service, replace(kept, records=self._records))
        self._restoring = kept.restoring

    async def CreateSender(self, request: pb.CreateSenderRequest, context: Any) -> Any:
        names = frozenset(item.name for item, _ in request.sender.ListFields())
        await self._check(request.sender, names | {"smtp"})
        with secrets.taken(request.sender, names):
            return await self._standard["CreateSender"](request, context)

    async def UpdateSender(self, request: pb.UpdateSenderRequest, context: Any) -> Any:
        return await self._write("UpdateSender", request, context)

    async def UpsertSender(self, request: pb.UpsertSenderRequest, context: Any) -> Any:
        return await self._write("UpsertSender", request, context)

    async def _write(self, name: str, request: Any, context: Any) -> Any:
        names = written_names(self._records.kind, request)
        await self._check(request.sender, names)
        with secrets.taken(request.sender, names):
            return await self._standard[name](request, context)

    async def RestoreSender(self, request: pb.RestoreSenderRequest, _: Any) -> Any:
        call = current_call()

        def further(_: Any, record: pb.Sender) -> Around:
            return Around(then=partial(_restored, record, call.caller))

        return await self._restoring.restore(call, request.id, request.etag, further)

    async def VerifySender(self, request: pb.VerifySenderRequest, _: Any) -> pb.Sender:
        call = current_call()
        sender = await self._records.get(call.caller, request.id)
        if sender.HasField("verified_at"):
            return sender
        if call.caller.sandbox:
            return await self._records.update(call, request.id, verify)

        async def run(transaction: Transaction) -> pb.Sender:
            its = call.caller.business_id, sender.id
            await audited.tell("link_mailed", sender, call.caller, transaction)
            given = its[0], KIND_VERIFICATION, its[1], now() - DAY
            row: Any = await transaction.row(MADE, *given)
            if row[0] >= LINKS_OF_SENDER or row[1] >= LINKS_OF_TENANT:
                raise LinksLimited
            await queue.add(transaction, *its, KIND_VERIFICATION, sender.id)
            await keep_answer(transaction, call, sender)
            return sender

        return await self._records.database.in_transaction(run)

    async def _check(self, sender: pb.Sender, names: frozenset[str]) -> None:
        """Refuses a server that no mail may go to. Raises `ValidationFailed`."""
        if "smtp" in names:
            found = [each async for each in self._faults(sender)]
            if found:
                raise ValidationFailed(found)

    async def _faults(self, sender: pb.Sender) -> Any:
        smtp = sender.smtp
        if sender.HasField("smtp"):
            refusal = await self._addresses.fault_of_host(smtp.host, smtp.port)
            if refusal:
                code = FaultCode.FAULT_CODE_INVALID_FORMAT
                yield Fault("sender.smtp.host", code, refusal)
        elif not (self._has_server or current_call().caller.sandbox):
            code = FaultCode.FAULT_CODE_REQUIRED
            message = "Give smtp: this deployment has no mail server of its own."
            yield Fault("sender.smtp", code, message)


async def _restored(
    sender: pb.Sender, caller: Caller, transaction: Transaction
) -> None:
    await audited.tell("restored", sender, caller, transaction)
    await _refuse_too_many(caller, transaction)


def verify(sender: pb.Sender) -> None:
    """Says that a sender is verified now."""
    if not sender.HasField("verified_at"):
        sender.verified_at.CopyFrom(to_timestamp(now()))


class SenderLinkMethods:
    """The methods behind the page that verifies a sender."""

    def __init__(
        self, database: Database, records: Records[Any], vault: Vault, forms: Forms
    ) -> None:
        self._database, self._forms = database, forms
        self._records: Records[pb.Sender] = kept_records(records, vault)

    async def ReadSenderLink(
        self, request: links_pb.ReadSenderLinkRequest, _: Any
    ) -> links_pb.SenderLink:
        call, sender, _link = await self._opened(request.secret)
        return await self._told(call, sender)

    async def OpenSenderLink(
        self, request: links_pb.OpenSenderLinkRequest, _: Any
    ) -> links_pb.SenderLink:
        call, sender, link = await self._opened(request.secret)

        def change(found: pb.Sender) -> None:
            if not links.is_of(self._forms, link, found):
                raise NotFound("The link has ended.")
            verify(found)

        return await self._told(
            call, await self._records.update(call, sender.id, change)
        )

    async def _opened(self, secret: str) -> tuple[Call, pb.Sender, links.Link]:
        link = links.read(secret)
        if link is None:
            raise NotFound("There is no such link, or it has ended.")
        call = Call(replace(NOBODY, business_id=link.business_id))
        sender = await self._records.get(call.caller, link.sender_id)
        if not links.is_of(self._forms, link, sender):
            raise NotFound("There is no such link, or it has ended.")
        return call, sender, link

    async def _told(self, call: Call, sender: pb.Sender) -> links_pb.SenderLink:
        row = await self._database.row(_NAME, call.caller.business_id)
        return links_pb.SenderLink(
            address=sender.address,
            business_name="" if row is None else row[0],
            verified=sender.HasField("verified_at"),
        )
