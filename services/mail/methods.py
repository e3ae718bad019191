"""The methods of e-mail templates: their writes clean HTML, and `render` fills them.

Cleaning and filling take up to some tenths of a second, so they run in a thread.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from prospectconnect.engagement.v1 import email_templates_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller, current_call
from services.errors import NotFound, RoleDenied, ScopeDenied, ValidationFailed
from services.faults import Fault
from services.mail.filling import Unfilled
from services.mail.rendering import Rendering
from services.mail.templates import settled
from services.records.engine import Records
from services.records.reading.short_pages import short_page
from services.standard import Kept, standard_methods

_CONTACTS = "contact.read"


class EmailTemplateMethods:
    """The methods of e-mail templates that are not standard."""

    def __init__(self, kept: Kept, every: Mapping[str, Records[Any]]) -> None:
        self._records: Records[pb.EmailTemplate] = kept.records
        self._rendering = Rendering(every)
        service = pb.DESCRIPTOR.services_by_name["EmailTemplateService"]
        self._standard = standard_methods(service, kept)

    async def CreateEmailTemplate(self, request: Any, context: Any) -> Any:
        return await self._write("CreateEmailTemplate", request, context)

    async def UpdateEmailTemplate(self, request: Any, context: Any) -> Any:
        return await self._write("UpdateEmailTemplate", request, context)

    async def UpsertEmailTemplate(self, request: Any, context: Any) -> Any:
        return await self._write("UpsertEmailTemplate", request, context)

    async def SearchEmailTemplates(self, request: Any, context: Any) -> Any:
        search = self._standard["SearchEmailTemplates"]
        return await short_page(search, current_call(), request, context)

    async def RenderEmailTemplate(
        self, request: pb.RenderEmailTemplateRequest, _: Any
    ) -> pb.RenderEmailTemplateResponse:
        call = current_call()
        _check_reads_contacts(call.caller)
        template = await self._records.get(call.caller, request.id)
        try:
            contact = await self._rendering.contact(call, request.contact_id)
        except NotFound as error:
            code, message = FaultCode.FAULT_CODE_NOT_FOUND, "There is no such contact."
            raise ValidationFailed([Fault("contact_id", code, message)]) from error
        try:
            return await self._rendering.fill(call, template, contact)
        except Unfilled as unfilled:
            code = FaultCode.FAULT_CODE_INVALID
            fault = Fault(unfilled.field, code, str(unfilled.refusal))
            raise ValidationFailed([fault]) from unfilled

    async def _write(self, name: str, request: Any, context: Any) -> Any:
        if request.email_template.html:
            await asyncio.to_thread(settled, request.email_template.html)
        return await self._standard[name](request, context)


def _check_reads_contacts(caller: Caller) -> None:
    if _CONTACTS not in caller.scope_permissions:
        message = f"To fill a template, the token needs {_CONTACTS}."
        raise ScopeDenied(message, _CONTACTS)
    if _CONTACTS not in caller.role_permissions:
        message = f"To fill a template, the user's role needs {_CONTACTS}."
        raise RoleDenied(message, _CONTACTS)
