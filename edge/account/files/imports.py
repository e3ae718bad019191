"""Imports: the list, and one of them from its file to its result."""

from typing import Any
from urllib.parse import urlencode

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.jobs.v1 import imports_pb2
from prospectconnect.jobs.v1 import own_jobs_pb2 as pb
from sanic import HTTPResponse

from edge.account.files import words
from edge.account.files.answers import live
from edge.account.files.import_form import CHARSETS, DELIMITERS, LOCALES
from edge.account.files.tried import faults_of, let_go, shown, typed
from edge.account.files.uploading import receive
from edge.account.records.refused import Refused, of_problem, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NOTHING = Refused()
_OPEN = (imports_pb2.IMPORT_STATE_WAITING, imports_pb2.IMPORT_STATE_RUNNING)
# A form has no more parameters than a hundred.
MOST_COLUMNS = 80
# So many columns that give no field are named.
_MOST_NAMED = 20


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the imports, newest first."""
    cursor = visit.parameters.get("cursor")
    found = await ask(edge, visit, pb.ListOwnImportsRequest(cursor=cursor))
    resources = await ask(edge, visit, pb.ListOwnResourcesRequest())
    answer = page(
        "files/imports",
        who=who,
        here="files",
        found=found,
        may_begin=any(each.may_write for each in resources.resources),
        words=words,
        cursor=cursor,
    )
    return live(answer, any(each.state in _OPEN for each in found.imports))


async def show_one(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows an import. While it runs, the page loads itself again."""
    return await _one(edge, visit, who, _NOTHING)


async def upload(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Receives the file, with which the import begins."""
    import_id = visit.path_values["import_id"]
    try:
        await receive(edge, visit, who, import_id)
    except ProblemError as problem:
        if problem.kind.status not in (400, 409, 413, 422):
            raise
        return await _one(edge, visit, who, of_problem(problem))
    return see_other(f"{addresses.IMPORTS}/{import_id}")


async def start(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Imports the file of a dry run, or tries it again with another mapping."""
    given, import_id = visit.parameters, visit.path_values["import_id"]
    request = pb.StartOwnImportRequest(
        form_token=given.get("form_token"),
        id=import_id,
        dry_run=given.get("do") != "import",
    )
    if given.get("do") == "read":
        _read_anew(request, visit)
    elif given.get("mapped"):
        found = await ask(edge, visit, pb.GetOwnImportRequest(id=import_id))
        request.mapping.CopyFrom(_mapping(visit, getattr(found, "import")))
    made, refused = await send(edge, visit, request)
    if made is None:
        return await _one(edge, visit, who, refused)
    return see_other(f"{addresses.IMPORTS}/{made.id}")


async def ask_to_undo(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Says what undoing an import does, and asks whether to do it."""
    return await _asked(edge, visit, who, _NOTHING)


async def undo(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Begins to undo an import, and shows how far that is."""
    request = pb.UndoOwnImportRequest(
        form_token=visit.parameters.get("form_token"), id=visit.path_values["import_id"]
    )
    made, refused = await send(edge, visit, request)
    if made is None:
        return await _asked(edge, visit, who, refused)
    return see_other(f"{addresses.IMPORTS}/{made.id}")


async def _asked(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    request = pb.GetOwnImportRequest(id=visit.path_values["import_id"])
    found = await ask(edge, visit, request)
    return page(
        "files/import_undo",
        status=refused.status,
        who=who,
        here="files",
        its=getattr(found, "import"),
        words=words,
        states=imports_pb2,
        refused=refused,
    )


def _read_anew(request: pb.StartOwnImportRequest, visit: Visit) -> None:
    """Lets a dry run read its file in the way that the form says."""
    given = visit.parameters
    request.dry_run = True
    request.charset, request.locale = given.get("charset"), given.get("locale")
    request.delimiter = DELIMITERS.get(given.get("delimiter"), ("", ""))[0]


def _mapping(visit: Visit, tried: imports_pb2.Import) -> Struct:
    """The mapping of the form: column by column, in their order in the file."""
    mapping = Struct()
    columns = tried.result.fields["columns"].list_value.values
    for place, column in enumerate(columns[:MOST_COLUMNS]):
        path = visit.parameters.get(f"c{place}").strip()
        if column.string_value:
            mapping.fields[column.string_value].string_value = path
    return mapping


def _again(its: imports_pb2.Import) -> str:
    """The address of the form of another import, which is filled in like this one."""
    is_csv = its.format == imports_pb2.IMPORT_FORMAT_CSV
    given = {
        "resource": its.resource,
        "mode": str(int(its.mode)),
        "match_on": its.match_on,
        "format": "csv" if is_csv else "ndjson",
        "locale": its.locale,
        "charset": its.charset,
        "create_missing": "on" if its.create_missing else "",
        "clear": "on" if its.empty == imports_pb2.IMPORT_EMPTY_CLEAR else "",
        "stop": "on" if its.on_error == imports_pb2.IMPORT_ON_ERROR_STOP else "",
    }
    filled = {name: value for name, value in given.items() if value}
    return f"{addresses.NEW_IMPORT}?{urlencode(filled)}"


async def _one(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    cursor = "" if refused.detail else visit.parameters.get("cursor")
    request = pb.GetOwnImportRequest(id=visit.path_values["import_id"], cursor=cursor)
    found = await ask(edge, visit, request)
    its: Any = getattr(found, "import")
    job = found.job if found.HasField("job") else None
    undo = found.undone_by if found.HasField("undone_by") else None
    tried = shown(its) if its.dry_run else None
    if tried is not None and refused.detail and visit.parameters.get("mapped"):
        tried = typed(tried, visit.parameters, refused.faults)
    answer = page(
        "files/import",
        status=refused.status,
        who=who,
        here="files",
        found=found,
        its=its,
        job=job,
        tried=tried,
        why={each.row: faults_of(MessageToDict(each.problem)) for each in found.rows},
        words=words,
        states=imports_pb2,
        cursor=cursor,
        refused=refused,
        most_columns=MOST_COLUMNS,
        again=_again(its),
        charset=CHARSETS["windows-1252"],
        charsets=CHARSETS,
        locales=LOCALES,
        delimiters=DELIMITERS,
        let_go=[] if its.dry_run else let_go(its),
        most_named=_MOST_NAMED,
        may_undo=found.may_undo and not (undo and words.is_undone(undo)),
    )
    return live(answer, its.state in _OPEN and not refused.detail)
