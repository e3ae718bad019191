"""Apps register themselves and manage their own registration (RFC 7591, RFC 7592).

Unknown members are ignored, as the RFCs require; known ones must have the right type.
The services check the values.
"""

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from prospectconnect.iam.v1 import apps_pb2 as pb
from sanic import HTTPResponse

from edge.http.http_input import is_json, media_type, read_body
from edge.oauth.refusals import NO_STORE, json_answer, refused
from edge.problems import ProblemError
from edge.state import Edge
from edge.transcoder.json_body import parse_body
from edge.web.upstream import ask
from edge.web.visit import MOST_BYTES, Visit

PATH = "/oauth/register"

_BEARER = re.compile(r"bearer +([!-~]{1,2048})", re.IGNORECASE)
_FIELDS: Mapping[str, FieldDescriptor] = pb.AppMetadata.DESCRIPTOR.fields_by_name

# Members that only the server sets; an update must not contain them (RFC 7592, 2.2).
_OURS = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)


async def read_metadata(edge: Edge, visit: Visit) -> None:
    """413, 400: the body is JSON (RFC 7591, section 3.2.2)."""
    body = await read_body(visit.request, MOST_BYTES, visit.deadline, visit.entry)
    if not is_json(media_type(visit.request.headers)):
        detail = "The body must be sent as application/json."
        raise refused("invalid_client_metadata", detail)
    try:
        visit.body = parse_body(body)
    except ProblemError as problem:
        raise refused("invalid_client_metadata", problem.detail) from None


async def register(edge: Edge, visit: Visit) -> HTTPResponse:
    """Registers an app: 201 with its secrets, which are never shown again."""
    request = pb.RegisterAppRequest(
        metadata=_metadata(visit.body),
        initial_access_token=_bearer(visit),
        address=visit.address,
    )
    made: pb.RegisterAppResponse = await ask(edge, visit, request)
    document = _document(
        visit, made.app, made.registration_access_token, made.client_secret
    )
    return json_answer(document, 201)


async def read(edge: Edge, visit: Visit) -> HTTPResponse:
    """Returns an app's registration to the app (RFC 7592, section 2.1)."""
    client_id, token = visit.path_values["client_id"], _bearer(visit)
    request = pb.GetAppRequest(client_id=client_id, registration_access_token=token)
    app: pb.App = await ask(edge, visit, request)
    return json_answer(_document(visit, app, token))


async def update(edge: Edge, visit: Visit) -> HTTPResponse:
    """Replaces the registration of an app (RFC 7592, section 2.2)."""
    client_id, token = visit.path_values["client_id"], _bearer(visit)
    metadata, body = _metadata(visit.body), visit.body
    secret = body.get("client_secret") or ""
    if body.get("client_id") != client_id or not isinstance(secret, str):
        raise refused("invalid_request", "The body must name the app's own client_id.")
    if ours := [name for name in _OURS if name in body]:
        detail = f"{ours[0]} is not the app's to say."
        raise refused("invalid_client_metadata", detail)
    request = pb.UpdateAppRequest(
        client_id=client_id,
        registration_access_token=token,
        metadata=metadata,
        client_secret=secret,
        address=visit.address,
    )
    kept: pb.UpdateAppResponse = await ask(edge, visit, request)
    secret = kept.client_secret or secret
    return json_answer(_document(visit, kept.app, token, secret))


async def delete(edge: Edge, visit: Visit) -> HTTPResponse:
    """Deletes an app with all its tokens (RFC 7592, section 2.3)."""
    request = pb.DeleteAppRequest(
        client_id=visit.path_values["client_id"],
        registration_access_token=_bearer(visit),
        address=visit.address,
    )
    await ask(edge, visit, request)
    return HTTPResponse(None, 204, dict(NO_STORE))


def _bearer(visit: Visit) -> str:
    """The bearer token; empty if there is none: the services decide then."""
    headers = visit.header("authorization")
    found = _BEARER.fullmatch(headers[0].strip(" \t")) if len(headers) == 1 else None
    return found[1] if found else ""


def _metadata(body: Any) -> pb.AppMetadata:
    """The metadata that an app sent, with checked types; null counts as absent."""
    if not isinstance(body, dict):
        raise refused("invalid_client_metadata", "The body must be a JSON object.")
    metadata = pb.AppMetadata()
    for name, value in body.items():
        field = _FIELDS.get(name)
        if field is None or value is None:
            continue
        if field.is_repeated and _are_texts(value):
            getattr(metadata, name).extend(value)
        elif not field.is_repeated and isinstance(value, str):
            setattr(metadata, name, value)
        else:
            uris = name == "redirect_uris"
            error = "invalid_redirect_uri" if uris else "invalid_client_metadata"
            kind = "an array of strings" if field.is_repeated else "a string"
            raise refused(error, f"{name} must be {kind}.")
    return metadata


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _document(
    visit: Visit, app: pb.App, token: str, secret: str = ""
) -> dict[str, object]:
    """The client information response (RFC 7591, section 3.2.1; RFC 7592, 3)."""
    document: dict[str, object] = {
        "client_id": app.id,
        "client_id_issued_at": app.created_at.seconds,
        "registration_client_uri": f"{visit.base}{PATH}/{app.id}",
        "registration_access_token": token,
    }
    if secret:
        document |= {"client_secret": secret, "client_secret_expires_at": 0}
    for field, value in app.metadata.ListFields():
        document[field.name] = list(value) if field.is_repeated else value
    return document
