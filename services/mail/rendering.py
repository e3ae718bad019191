"""Fills e-mail templates for contacts, as the caller sees these.

Cleaning and filling take up to some tenths of a second, so they run in a thread.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.engagement.v1 import email_templates_pb2 as pb

from services.caller import Call, Caller
from services.errors import NotFound
from services.kinds.own_fields import NO_SCHEMA
from services.kinds.sensitive import fields_of, mask
from services.mail.filling import filled
from services.mail.values import values_of
from services.records.engine import Records

_COMPANIES = "company.read"


class Rendering:
    """Fills templates; `every` are the records of all kinds."""

    def __init__(self, every: Mapping[str, Records[Any]]) -> None:
        self._every = every

    async def contact(self, call: Call, contact_id: str) -> Contact:
        """A contact as the caller sees it. Raises `NotFound`."""
        records = self._every["contact"]
        contact: Contact = await records.get(call.caller, contact_id)
        schema = await records.schema_of(call.caller)
        if schema is not NO_SCHEMA:
            own = fields_of(schema, records.kind.table, call.caller)
            if own.masked:
                mask(own, (contact,))
        return contact

    async def fill(
        self, call: Call, template: pb.EmailTemplate, contact: Contact
    ) -> pb.RenderEmailTemplateResponse:
        """The e-mail that a template makes for a contact. Raises `Unfilled`."""
        user = await self._every["user"].get(call.caller, call.caller.user_id)
        company = await self._company(call.caller, contact.company_id)
        values = values_of(contact, company, user.name)
        return await asyncio.to_thread(filled, template, values)

    async def _company(self, caller: Caller, company_id: str) -> Any:
        """The company with an id; None where the caller sees none."""
        if not company_id or not caller.may(_COMPANIES):
            return None
        try:
            return await self._every["company"].get(caller, company_id)
        except NotFound:
            return None
