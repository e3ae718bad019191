"""The operations: what each is called, takes and answers."""

import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.openapi import parts
from edge.openapi.bodies import body_of, is_needed
from edge.openapi.headers import answered_with
from edge.openapi.problems import honors_if_match, response_name, statuses_of
from edge.openapi.reads import items_of
from edge.openapi.schemas import Schemas, answer, or_part, policy_of, value
from edge.openapi.values import Schema, identifier
from edge.transcoder.routes import JOB, Route

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"
EVENTS = "text/event-stream"

_GOOD = {200: "Done.", 201: "Created.", 204: "Deleted."}
_BEGUN = "A job goes on with it: more records are concerned than a request can look at."

_IN_PART = "Done in part: some operations failed, each with its own problem."

# The files that can be sent.
_ANY_FILE = {
    kind: {"schema": {"type": "string", "format": "binary"}, "example": example}
    for kind, example in (
        ("text/csv", "email\nada@engine.example\n"),
        ("application/x-ndjson", '{"email":"ada@engine.example"}\n'),
        ("application/octet-stream", "email\nada@engine.example\n"),
    )
}

# The first events of a stream.
_EVENTS = """retry: 1000

id: WyI3NTIgLTE0NDExNTE4ODA3NTg1NTg3MiIsIjAiXQ5u
event: contact.created
data: {"id":"chg_5f0c1d6f2b7c4b0e9a3d8f21","type":"contact.created"}

: still here
id: WyI3NTMgLTE0NDExNTE4ODA3NTg1NTg3MiIsIjAiXQ6v

"""

# The beginning of a file, and the media types of files. Generators of clients know the
# first one, and keep the bytes as they are; they do not know `*/*`.
_FILE = "id,email\r\ncon_3b96048e42253d301ae88c36,ada@engine.example\r\n"
# The media types of a file whose path names no format, and of rows that an import has
# rejected: these come as they were sent.
_FILES = (
    "application/octet-stream",
    "text/csv",
    "application/x-ndjson",
    "application/gzip",
    "application/vnd.apache.parquet",
)
_ROWS = ("text/csv", "application/x-ndjson")

# The beginnings of other forms of an answer, which are no JSON.
_FORMS = {
    "text/csv": "stage,deals\r\nQualified,6\r\n",
    "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">',
    "image/png": "\x89PNG\r\n\x1a\n",
}

# The summary of an operation is its comment up to the first of these.
_ENOUGH = re.compile(r"[,.:;]| and ")


def operation(schemas: Schemas, route: Route, method: MethodDescriptor) -> Schema:
    """The operation object of a route; security and examples come from elsewhere."""
    about = schemas.comments[method.full_name]
    made: Schema = {
        "operationId": operation_id(route),
        "tags": [tag_of(route)],
        "summary": _summary(about),
        "description": about,
        "parameters": _parameters(schemas, route, method),
    }
    body = body_of(schemas, route)
    if body is not None:
        schema = schemas.named[body["$ref"].rpartition("/")[2]]
        kinds = [JSON, MERGE_PATCH] if route.http_method == "PATCH" else [JSON]
        made["requestBody"] = {
            "required": is_needed(schema),
            "content": {kind: {"schema": body} for kind in kinds},
        }
    if route.is_upload:
        made["requestBody"] = {"required": True, "content": _ANY_FILE}
    made["responses"] = {}
    if route.status != 202:
        made["responses"] = {str(route.status): _good(schemas, route)}
    if route.is_batch:
        made["responses"]["207"] = made["responses"]["200"] | {"description": _IN_PART}
    if route.may_exist:
        made["responses"]["200"] = _found(made["responses"]["201"])
    if route.begins_job:
        made["responses"]["202"] = _begun(schemas, route)
    if route.http_method == "GET" and route.answers_etag:
        made["responses"]["304"] = {
            "description": "The record is still at the ETag of `If-None-Match`.",
            "headers": answered_with(["ETag"]),
        }
    if route.is_file:
        made["responses"] |= _of_ranges(made["responses"]["200"])
    for status in statuses_of(route):
        reference = f"#/components/responses/{response_name(status)}"
        made["responses"][str(status)] = {"$ref": reference}
    return made


def operation_id(route: Route) -> str:
    """The id of the operation, e.g. `createContact`."""
    name = route.rpc.rpartition("/")[2]
    return name[:1].lower() + name[1:]


def tag_of(route: Route) -> str:
    """The group of the operation, from its path: `Contacts`, `Association types`."""
    if route.is_of_object:
        return f"Custom {route.collection}"
    return route.collection.replace("_", " ").capitalize()


def _summary(about: str) -> str:
    """The beginning of a comment as an imperative: "Creates a contact, ..." becomes
    "Create a contact"."""
    verb, _, rest = _ENOUGH.split(about)[0].partition(" ")
    ending = "es" if verb.endswith(("ches", "shes", "sses", "oes")) else "s"
    return f"{verb.removesuffix(ending)} {rest}"


def _parameters(
    schemas: Schemas, route: Route, method: MethodDescriptor
) -> list[Schema]:
    fields = method.input_type.fields_by_name
    found = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": schemas.comments[fields[name].full_name],
            "schema": _path_value(schemas, route, name),
        }
        for name in route.path_parameters
    ]
    found += [
        _query_parameter(schemas, route, fields[name]) for name in sorted(route.query)
    ]
    headers = {
        "Version": True,
        "IdempotencyKey": route.keyed,
        "DryRun": not route.only_reads,
        "IfMatch": honors_if_match(route),
        "IfNoneMatch": (route.answers_etag and route.http_method == "GET")
        or route.is_file,
        "LastEventId": route.streams,
        "Range": route.is_file,
        "IfRange": route.is_file,
    }
    found += [
        {"$ref": f"#/components/parameters/{name}"}
        for name, is_taken in headers.items()
        if is_taken
    ]
    return found


def _query_parameter(schemas: Schemas, route: Route, item: FieldDescriptor) -> Schema:
    """A text in the query, or a list: its values with commas between."""
    record: Any = route.response_class.DESCRIPTOR
    made: Schema = {
        "name": item.name,
        "in": "query",
        "required": False,
        "description": schemas.comments[item.full_name],
    }
    if item.message_type is not None:  # JSON, as in the body of a page
        return made | {"schema": {"type": "string"}}
    if item.name in route.query_texts:
        return made | {"schema": value(schemas, item)}
    named = None if route.streams else items_of(schemas, item.name, record)
    return made | {
        "style": "form",
        "explode": False,
        "schema": {
            "type": "array",
            "items": named or value(schemas, item),
            "minItems": 1,
            "maxItems": policy_of(item).max_items,
        },
    }


def _path_value(schemas: Schemas, route: Route, name: str) -> Schema:
    if name != "id":
        return {"type": "string", "minLength": 1}
    plural = route.collection
    for resource, policy in schemas.records.items():
        if policy.plural == plural:
            return identifier(resource, policy.id_prefix)
    return identifier(plural.removesuffix("s"))


def _found(created: Schema) -> Schema:
    """The answer of a create that found what it would have made."""
    names = [name for name in created["headers"] if name != "Location"]
    headers = {name: created["headers"][name] for name in names}
    return created | {"description": "It was there already.", "headers": headers}


def _begun(schemas: Schemas, route: Route) -> Schema:
    """The answer of an operation that goes on in a job."""
    message: Any = route.response_class.DESCRIPTOR.fields_by_name[JOB].message_type
    names = ["Location", *(["Idempotent-Replayed"] if route.keyed else [])]
    return {
        "description": _BEGUN,
        "headers": answered_with(names),
        "content": {JSON: {"schema": answer(schemas, message)}},
    }


def _leads_on(route: Route) -> bool:
    """Whether an answer says that the id in the path is that of a merged record."""
    if route.erases:
        return True
    answer: Any = route.response_class.DESCRIPTOR
    if route.record_in:
        answer = answer.fields_by_name[route.record_in].message_type
    is_known = answer.GetOptions().HasExtension(options_pb2.record)
    item = answer.fields_by_name.get("merged_ids")
    if not is_known or item is None or "id" not in route.path_parameters:
        return False
    return bool(item.GetOptions().Extensions[options_pb2.field].set_by_others)


def _of_ranges(whole: Schema) -> Schema:
    """The answers of a download that is no whole file."""
    headers = whole["headers"] | answered_with(["Content-Range"])
    part = {"description": "The range that was asked for.", "headers": headers}
    same = "The file is still at the ETag of `If-None-Match`."
    return {
        "206": whole | part,
        "304": {"description": same, "headers": answered_with(["ETag"])},
    }


def _good(schemas: Schemas, route: Route) -> Schema:
    message: Any = route.response_class.DESCRIPTOR
    headers = {
        "ETag": route.answers_etag or route.is_file,
        "Location": route.status == 201,
        "Content-Location": _leads_on(route),
        "Idempotent-Replayed": route.keyed,
        "Dry-Run": not route.only_reads,
        "Affected": route.affects_others,
        "Accept-Ranges": route.is_file,
        "Content-Disposition": route.is_file,
        "Repr-Digest": route.is_file,
    }
    names = [name for name, is_sent in headers.items() if is_sent]
    made: Schema = {
        "description": _GOOD[route.status],
        "headers": answered_with(names),
    }
    if route.status == 204:
        return made
    if route.streams:
        made["description"] = "Events, for as long as the client stays."
        made["content"] = {EVENTS: {"schema": {"type": "string"}, "example": _EVENTS}}
        return made
    if route.is_file:
        made["description"] = "The file."
        content = {"type": "string", "format": "binary"}
        shown = {"schema": content, "example": _FILE}
        kinds = _ROWS if route.path.endswith(".csv") else _FILES
        made["content"] = {kind: dict(shown) for kind in kinds}
        return made
    schema = answer(schemas, message)
    if parts.is_partial(message) and not route.only_reads:
        schema = or_part(schemas, schema)
    made["content"] = {JSON: {"schema": schema}}
    for each in route.other_forms:
        shown = {"schema": {"type": "string"}, "example": _FORMS[each]}
        made["content"][each] = shown
    if route.other_form:
        made["content"][route.other_form] = {"schema": {"type": "object"}}
    return made
