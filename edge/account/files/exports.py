"""Exports: the list, the form that begins one, and one of them with its files."""

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.jobs.v1 import exports_pb2
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb
from sanic import HTTPResponse

from edge.account.files import words
from edge.account.files.answers import live
from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NOTHING = Refused()
_FORMATS = {name.lower(): number for number, name in words.FORMATS.items()}

# What the form offers besides types of records. No type of record has such a name.
_BESIDES = frozenset(("gzip", "with-names", "with-mark"))


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the exports, newest first."""
    cursor = visit.parameters.get("cursor")
    found = await ask(edge, visit, pb.ListOwnExportsRequest(cursor=cursor))
    answer = page(
        "files/exports", who=who, here="files", found=found, words=words, cursor=cursor
    )
    return live(answer, any(each.state in words.OPEN for each in found.exports))


async def show_new(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form."""
    return await _form(edge, visit, who, _NOTHING)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Begins the export, or shows the form with its faults."""
    given = visit.parameters
    chosen = [each for each in given.values if given.get(each) == "on"]
    export = exports_pb2.Export(
        resources=sorted(each for each in chosen if each not in _BESIDES),
        format=_FORMATS.get(given.get("format"), exports_pb2.EXPORT_FORMAT_CSV),  # type: ignore[arg-type]  # numbers of the enum
    )
    is_table = export.format != exports_pb2.EXPORT_FORMAT_NDJSON
    export.names = "with-names" in chosen and is_table
    is_csv = export.format == exports_pb2.EXPORT_FORMAT_CSV
    export.byte_order_mark = "with-mark" in chosen and is_csv
    if "gzip" in chosen:
        export.compression = exports_pb2.EXPORT_COMPRESSION_GZIP
    request = pb.CreateOwnExportRequest(
        form_token=given.get("form_token"), export=export
    )
    made, refused = await send(edge, visit, request)
    if made is None:
        return await _form(edge, visit, who, refused)
    return see_other(f"{addresses.EXPORTS}/{made.id}")


async def show_one(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows an export: how far it is, and then its files."""
    request = pb.GetOwnExportRequest(id=visit.path_values["export_id"])
    found = await ask(edge, visit, request)
    answer = page(
        "files/export",
        who=who,
        here="files",
        export=found.export,
        job=found.job,
        words=words,
    )
    return live(answer, found.job.state in words.OPEN)


async def _form(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    found = await ask(edge, visit, pb.ListOwnResourcesRequest())
    given = visit.parameters
    return page(
        "files/export_new",
        status=refused.status,
        who=who,
        here="files",
        resources=[each for each in found.resources if each.may_read],
        formats=_FORMATS,
        words=words,
        refused=refused,
        chosen=[each for each in given.values if given.get(each) == "on"],
        format=given.get("format") or "csv",
    )
