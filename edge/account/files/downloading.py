"""Files that a person takes from a page, sent on piece by piece."""

from typing import Any

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb
from sanic import HTTPResponse

from edge.calls.downloads import PIECE_BYTES, Download, FileAnswer, headers_of
from edge.pages.cookies import session_of
from edge.state import Edge
from edge.web.render import SHELTERED
from edge.web.visit import Visit


async def errors(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """The rejected rows of an import, as they were sent."""
    request = pb.ReadOwnImportErrorsRequest(id=visit.path_values["import_id"])
    return await _begun(edge, visit, who, request)


async def export_file(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """A file of an export."""
    export_id, number = visit.path_values["export_id"], visit.path_values["number"]
    request = pb.ReadOwnExportFileRequest(id=export_id, number=number)
    return await _begun(edge, visit, who, request)


async def _begun(edge: Edge, visit: Visit, who: Session, request: Any) -> HTTPResponse:
    """The head of a file, whose first piece is read. What is wrong is a page still."""
    tenant, session = who.business.id, session_of(visit)
    edge.downloads.check(tenant)
    download = Download(edge, request, lambda: visit.metadata(session), tenant)
    await download.read(0, PIECE_BYTES)
    piece = download.piece
    download.end = piece.total_bytes
    headers = {**SHELTERED, **headers_of(piece)}
    # A page's address takes no ranges, and keeps nothing in a cache.
    del headers["Accept-Ranges"]
    headers["Cache-Control"] = "private, no-store, no-transform"
    headers["content-type"] = piece.media_type
    headers["content-length"] = str(piece.total_bytes)
    return FileAnswer(download, 200, headers)
