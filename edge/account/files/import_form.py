"""The form that begins an import: what the file holds, and what to do with its rows."""

from types import MappingProxyType
from typing import Any

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.jobs.v1 import imports_pb2
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb
from sanic import HTTPResponse

from edge.account.files import words
from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NOTHING = Refused()
_MODES = MappingProxyType({str(number): number for number in words.BEGUN})
_FORMATS = MappingProxyType(
    {
        "csv": imports_pb2.IMPORT_FORMAT_CSV,
        "ndjson": imports_pb2.IMPORT_FORMAT_NDJSON,
    }
)
# How dates and numbers are written, and the charsets that spreadsheets write.
LOCALES = MappingProxyType(
    {
        "": "2026-11-05 and 1234.5",
        "de-DE": "05.11.2026 and 1.234,5",
        "en-GB": "05/11/2026 and 1,234.5",
        "en-US": "11/05/2026 and 1,234.5",
        "fr-FR": "05/11/2026 and 1 234,5",
    }
)
CHARSETS = MappingProxyType(
    {
        "": "UTF-8",
        "windows-1252": "Windows, Western Europe",
        "utf-16": "UTF-16, “Unicode text” of Excel",
        "mac-roman": "Macintosh",
    }
)
# What separates the cells of a table: by the name in the form, and what people read.
DELIMITERS = MappingProxyType(
    {
        "": ("", "Find out"),
        "comma": (",", "Commas"),
        "semicolon": (";", "Semicolons"),
        "tab": ("\t", "Tabs"),
        "bar": ("|", "Vertical bars"),
    }
)
_MOST = 100


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form. Refuses who may write no records."""
    return await _form(edge, visit, who, _NOTHING)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Begins the import, which waits for its file then; or shows the faults."""
    given = visit.parameters
    described = imports_pb2.Import(
        resource=given.get("resource"),
        mode=_MODES.get(given.get("mode"), imports_pb2.IMPORT_MODE_UNSPECIFIED),  # type: ignore[arg-type]  # numbers of the enum
        match_on=given.get("match_on").strip() or None,
        format=_FORMATS.get(given.get("format"), imports_pb2.IMPORT_FORMAT_CSV),
        locale=given.get("locale") or None,
        charset=given.get("charset") or None,
        create_missing=given.get("create_missing") == "on",
        dry_run=True,
    )
    if given.get("clear") == "on":
        described.empty = imports_pb2.IMPORT_EMPTY_CLEAR
    if given.get("stop") == "on":
        described.on_error = imports_pb2.IMPORT_ON_ERROR_STOP
    fields: dict[str, Any] = {"import": described}
    token = given.get("form_token")
    request = pb.CreateOwnImportRequest(form_token=token, **fields)
    made, refused = await send(edge, visit, request)
    if made is None:
        return await _form(edge, visit, who, refused)
    return see_other(f"{addresses.IMPORTS}/{made.id}")


async def _form(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    found = await ask(edge, visit, pb.ListOwnResourcesRequest())
    resources = [each for each in found.resources if each.may_write]
    if not resources:
        raise ProblemError("ROLE_DENIED", "Your role may write no records.")
    given = visit.parameters
    faults = {
        each.field.removeprefix("import."): each.message for each in refused.faults
    }
    return page(
        "files/import_new",
        status=refused.status,
        who=who,
        here="files",
        resources=resources,
        modes=words.BEGUN,
        locales=LOCALES,
        charsets=CHARSETS,
        may_delete=any(each.may_delete for each in resources),
        refused=refused,
        faults=faults,
        given={name: text[:_MOST] for name, text in given.values.items()},
    )
