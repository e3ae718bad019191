"""Checks what a webhook says, and whether its maker may read what it would send."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.events.v1.webhooks_pb2 import (
    DISABLED_REASON_FORBIDDEN,
    Webhook,
)
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller
from services.changes.readers import Readers
from services.changes.selecting import EVERY, selected
from services.changes.tellers import CHANGED, STATE
from services.contracts import contract_at
from services.delivering.addresses import Addresses
from services.errors import ValidationFailed
from services.faults import Fault, Faults, TooManyFaults
from services.kinds.own_fields import Schema
from services.kinds.record_type import Kinds
from services.kinds.sensitive import fields_of
from services.postgres.database import Transaction
from services.postgres.sql_parts import Condition, Parameters
from services.search.filters import FilterCompiler
from services.webhooks.bounds import MOST_OF_AN_APP, WEBHOOKS
from services.webhooks.statements import OF_APP_USED

AT = "webhook"
# What an update may change without a look at rights.
_HARMLESS = ("description", "active", "disabled_reason", "updated_at", "etag")
PARTS = (CHANGED, STATE)
MOST_TYPES = 100  # as its proto says
_CHOICE, _INVALID = FaultCode.FAULT_CODE_INVALID_CHOICE, FaultCode.FAULT_CODE_INVALID


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the deployment allows: contracts, oldest first, and addresses."""

    contracts: tuple[str, ...] = ()
    addresses: Addresses = field(default_factory=Addresses)


class Checks:
    """Checks webhooks; `kinds` are those of all records."""

    def __init__(self, kinds: Kinds, allowed: Allowed) -> None:
        self._kinds, self._allowed = kinds, allowed
        self.readers = Readers(kinds)

    def check(self, caller: Caller, schema: Schema, webhook: Webhook) -> None:
        """Checks a whole webhook, and settles its contract.

        Raises `ValidationFailed`, and `PermissionDenied` for types that the caller may
        not read.
        """
        faults = self.faults(caller, schema, webhook)
        if faults:
            raise ValidationFailed(faults)
        webhook.version = contract_at(self._allowed.contracts, webhook.version)
        named = [each for each in webhook.types if each != EVERY]
        for types in (selected(named, self.readers.of_type), []):
            if types or EVERY in webhook.types:
                self.readers.objects(caller, schema, (), types)

    def objects(
        self, caller: Caller, schema: Schema, types: Sequence[str]
    ) -> list[str]:
        """The types of records that changes of these types are about.

        Of all types those that the caller may read. Raises `PermissionDenied`.
        """
        named = [] if EVERY in types else selected(types, self.readers.of_type)
        return self.readers.objects(caller, schema, (), named)

    async def check_address(self, url: str) -> None:
        """Checks where a URL leads now. Raises `ValidationFailed`.

        A name that leads nowhere is taken: it may once there is a server.
        """
        refusal = await self._allowed.addresses.fault_of(url)
        if refusal:
            code = FaultCode.FAULT_CODE_INVALID_FORMAT
            raise ValidationFailed([Fault(f"{AT}.url", code, refusal)])

    def faults(self, caller: Caller, schema: Schema, webhook: Webhook) -> list[Fault]:
        """All that is wrong with it."""
        found = list(self._of_values(webhook))
        known = self.readers.of_type
        for index, each in enumerate(_looked_at(webhook.types, MOST_TYPES)):
            if not selected([each], known):
                at = f"{AT}.types[{index}]"
                found.append(Fault(at, _CHOICE, self.readers.advise(each)))
        return found + self._of_filters(caller, schema, webhook)

    def _of_values(self, webhook: Webhook) -> Iterator[Fault]:
        refusal = self._allowed.addresses.fault_in(webhook.url)
        if webhook.url and refusal:
            yield Fault(f"{AT}.url", FaultCode.FAULT_CODE_INVALID_FORMAT, refusal)
        for index, each in enumerate(_looked_at(webhook.include, len(PARTS))):
            if each not in PARTS:
                at = f"{AT}.include[{index}]"
                yield Fault(at, _CHOICE, "Give changed or state.")
        if webhook.version and not contract_at(
            self._allowed.contracts, webhook.version
        ):
            message = f"The contracts are: {', '.join(self._allowed.contracts)}."
            yield Fault(f"{AT}.version", _CHOICE, message)

    def _of_filters(
        self, caller: Caller, schema: Schema, webhook: Webhook
    ) -> list[Fault]:
        if not (webhook.filters and webhook.types):
            return []
        types = selected(webhook.types, self.readers.of_type)
        tables = {self.readers.of_type[each].table for each in types}
        at, faults = f"{AT}.filters", Faults()
        if len(tables) != 1:
            message = "Filters take types of one type of record, e.g. contact.*."
            return [Fault(at, _INVALID, message)]
        (table,) = tables
        parameters = Parameters()
        parameters.business_id = caller.business_id
        kind = self.readers.by_table[table]
        own = fields_of(schema, table, caller, searching=True)
        with suppress(TooManyFaults):
            FilterCompiler(kind, faults, parameters, own).all(webhook.filters, at)
        return faults.found


def _looked_at(values: Sequence[str], most: int) -> Sequence[str]:
    """Those of a list; none of one that is refused for its length."""
    return values if len(values) <= most else ()


async def refuse_too_many(caller: Caller, transaction: Transaction) -> None:
    """Refuses a webhook that was made just now, where there are too many."""
    row: Any = await transaction.row(WEBHOOKS.used, caller.business_id)
    message = ""
    if row[1] > WEBHOOKS.most:
        message = f"There are at most {WEBHOOKS.most} webhooks."
    elif caller.client_id:
        its = caller.business_id, caller.client_id
        of_app: Any = await transaction.row(OF_APP_USED, *its)
        if of_app[0] > MOST_OF_AN_APP:
            message = f"An app has at most {MOST_OF_AN_APP} webhooks."
    if message:
        code = FaultCode.FAULT_CODE_TOO_MANY
        raise ValidationFailed([Fault(f"{AT}.url", code, message)])


def sends_otherwise(before: Webhook, after: Webhook) -> bool:
    """Whether a webhook is to send something else, or elsewhere, or anew."""
    if after.active and before.disabled_reason == DISABLED_REASON_FORBIDDEN:
        return True
    was, now = Webhook(), Webhook()
    for copy, webhook in ((was, before), (now, after)):
        copy.CopyFrom(webhook)
        for name in _HARMLESS:
            copy.ClearField(name)  # type: ignore[arg-type]  # each is a field
    return was != now


def find_own(call: Call) -> None:
    """Lets an app find its own webhooks alone."""
    if call.caller.client_id:
        client = call.parameters.place(call.caller.client_id, "text")
        call.conditions.append(Condition((f"r.client_id = {client}",)))


def refuse_of_app(caller: Caller, webhook: Webhook, at: str = f"{AT}.url") -> None:
    """Refuses to change what an app's webhook sends, where to, and its secret."""
    if webhook.client_id != caller.client_id:
        message = "An app made the webhook: change only active and description."
        code = FaultCode.FAULT_CODE_READ_ONLY
        raise ValidationFailed([Fault(at, code, message)])
