"""Routes come from the protos alone, and protos that say too little are refused."""

from typing import Any

import pytest
from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import ServiceDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.surface import public_services
from edge.transcoder.routes import Route, routes_of
from tests.edge.invented import Field, add, new_file

ROUTES = {(r.http_method, r.path): r for r in routes_of(public_services())}


def route(http_method: str, path: str) -> Route:
    return ROUTES[http_method, path]


def test_a_read() -> None:
    get = route("GET", "/v1/contacts/{id}")
    assert get.rpc == "/prospectconnect.crm.v1.ContactService/GetContact"
    assert get.path_parameters == ("id",)
    assert (get.body_field, get.status, get.permission) == ("", 200, "contact.read")
    assert get.only_reads
    assert get.answers_etag
    assert not get.keyed


def test_a_create() -> None:
    create = route("POST", "/v1/contacts")
    assert (create.body_field, create.status) == ("contact", 201)
    assert create.keyed
    assert not create.only_reads


def test_an_update() -> None:
    update = route("PATCH", "/v1/contacts/{id}")
    assert update.has_update_mask
    assert update.has_etag
    assert not update.keyed


def test_a_search_only_reads() -> None:
    search = route("POST", "/v1/contacts/search")
    assert search.is_search
    assert search.only_reads
    assert not search.answers_etag


def test_a_delete_has_no_content() -> None:
    assert route("DELETE", "/v1/contacts/{id}").status == 204


def test_an_upsert_accepts_an_id() -> None:
    assert route("POST", "/v1/contacts/upsert").accepts == {"id"}


def test_any_token_needs_no_permission() -> None:
    assert route("GET", "/v1/me").permission is None


def test_a_method_without_an_http_rule_is_inside_only() -> None:
    assert not any(each.rpc.endswith("ResolveCaller") for each in ROUTES.values())


def service(name: str, rule: dict[str, Any], **policy: Any) -> ServiceDescriptor:
    """A service `Things` with one method `GetThing`."""
    file = new_file(name)
    message = file.message_type.add(name="Thing")
    message.field.add(name="id", number=1, type=Field.TYPE_STRING)
    message.field.add(name="size", number=2, type=Field.TYPE_INT32)
    method = file.service.add(name="Things").method.add(
        name="GetThing",
        input_type=f".{file.package}.Thing",
        output_type=f".{file.package}.Thing",
    )
    method.options.Extensions[annotations_pb2.http].MergeFrom(HttpRule(**rule))
    if policy:
        method.options.Extensions[options_pb2.method].MergeFrom(
            options_pb2.MethodPolicy(**policy)
        )
    return add(file).services_by_name["Things"]


@pytest.mark.parametrize(
    ("name", "rule", "policy", "message"),
    [
        ("open", {"get": "/v1/things/{id}"}, {}, "`permission` and `any_token`"),
        (
            "both",
            {"get": "/v1/things/{id}"},
            {"permission": "thing.read", "any_token": True},
            "exactly one",
        ),
        (
            "custom",
            {"custom": {"kind": "HEAD", "path": "/v1/things/{id}"}},
            {"any_token": True},
            "not an HTTP rule",
        ),
        ("glob", {"get": "/v1/{id=**}"}, {"any_token": True}, "more than the edge"),
        ("number", {"get": "/v1/{size}"}, {"any_token": True}, "no text field"),
        ("nobody", {"post": "/v1/a", "body": "no"}, {"any_token": True}, "the body no"),
    ],
)
def test_a_bad_rule_is_refused(
    name: str, rule: dict[str, Any], policy: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        routes_of([service(f"bad_{name}", rule, **policy)])


def test_two_routes_cannot_share_a_path() -> None:
    first = service("first", {"get": "/v1/same/{id}"}, any_token=True)
    second = service("second", {"get": "/v1/same/{id}"}, any_token=True)
    with pytest.raises(ValueError, match="has the HTTP path of"):
        routes_of([first, second])
