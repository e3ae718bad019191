"""HTTP rules (`google.api.http`) and method options as routes.

A method without an HTTP rule is internal. If a method with one declares no permission,
the edge does not start.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from prospectconnect.options.v1 import options_pb2

from edge.transcoder.queries import PARAMETER as _PARAMETER
from edge.transcoder.queries import query_of, texts_of
from edge.transcoder.route_records import (
    RECORD,
    has_internal_etag,
    held,
    identified_by,
    is_about_people,
    is_erasable,
)
from edge.transcoder.route_requests import (
    address_in,
    beside_record,
    body_field,
    contract_in,
    path_parameters,
)

# The internal field of an answer that holds the job which the request began.
JOB = "job"
# A part of a file.
_FILE = "prospectconnect.type.v1.FilePiece"

_OF_THE_PAST = (options_pb2.STANDARD_METHOD_HISTORY, options_pb2.STANDARD_METHOD_AS_OF)
# The fields of answers that hold a credential, which is shown once.
_SECRETS = {"secret", "token"}
_VERBS = frozenset(("get", "post", "put", "patch", "delete"))
_DELETE = options_pb2.STANDARD_METHOD_DELETE
_OF_OTHERS = _DELETE, options_pb2.STANDARD_METHOD_RESTORE


@dataclass(frozen=True, slots=True)
class Route:
    """One public operation: an HTTP method and path, and the RPC behind them."""

    http_method: str
    # As in the HTTP rule, e.g. `/v1/contacts/{id}`.
    path: str
    # The gRPC name, e.g. `/prospectconnect.crm.v1.ContactService/GetContact`.
    rpc: str
    request_class: type[Message]
    response_class: type[Message]
    # "" for no body, "*" for the whole request, else the field that is the body.
    body_field: str
    path_parameters: tuple[str, ...]
    # None: any valid token may call.
    permission: str | None
    # Accepts an idempotency key.
    keyed: bool
    # Records may stand in the way of what it does.
    conflicts: bool
    # Read-only fields that the body may contain nevertheless.
    accepts: frozenset[str]
    # Fields of the request that are in its body besides those of the record.
    beside: frozenset[str]
    # The status of a successful answer.
    status: int
    has_update_mask: bool
    # The request takes an etag as its precondition.
    has_etag: bool
    # The answer is a record with an etag, or holds one.
    answers_etag: bool
    # The field of the answer that holds the record with the etag, "" for the answer.
    record_in: str = ""
    # The media type of another form of the answer, "" if there is none.
    other_form: str = ""
    # The media types of further forms that clients may choose.
    other_forms: tuple[str, ...] = ()
    # The field of a new record that its own path ends with.
    identified_by: str = "id"
    # A create may answer with a record that was there already.
    may_exist: bool = False
    # The operation itself asks for a permission.
    denies: bool = False
    # The answer may hold a job, which goes on after it.
    begins_job: bool = False
    # The operation runs others.
    is_batch: bool = False
    # It tells of the past.
    is_past: bool = False
    # It changes nothing.
    only_reads: bool = False
    # The audit tells of each call.
    audited: bool = False
    # Its records can be erased.
    erasable: bool = False
    # It erases one, and its answer has the id of that.
    erases: bool = False
    # An idempotent answer may be about a record that was erased.
    may_be_gone: bool = False
    # The field of a new record that the request's contract is the default of.
    contract_in: str = ""
    # The field of the answer that holds the path of an address outside `/v1`.
    address_in: str = ""
    # Its answer tells what becomes of other records; that of a deletion, before it.
    affects_others: bool = False
    # The fields that the query may hold, and those of them that are no lists.
    query: frozenset[str] = frozenset()
    query_texts: frozenset[str] = frozenset()
    # The answer goes on as long as the client stays.
    streams: bool = False

    @property
    def of_records(self) -> bool:
        """Whether the path of a batch names a type of record."""
        return self.path.count("/") > 2

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches the paths of the route, as received."""
        return re.compile(_PARAMETER.sub("[^/]+", self.path))

    @property
    def collection(self) -> str:
        """The part of the path that names its records: `contacts`, `records`."""
        return self.collection_path.rpartition("/")[2]

    @property
    def collection_path(self) -> str:
        """The path up to this part; before `records` it has an object."""
        return "/".join(self.path.split("/")[: 5 if self.is_of_object else 3])

    @property
    def is_of_object(self) -> bool:
        """Whether the path names the custom object whose records it is about."""
        return self.path.startswith("/v1/objects/{object}/")

    @property
    def is_search(self) -> bool:
        """Whether the route is a search; its answer is a page."""
        return self._name.startswith("Search")

    @property
    def makes_figures(self) -> bool:
        """Whether the answer is made of many records and shows none of them."""
        return self._name.startswith("Aggregate")

    @property
    def counts(self) -> bool:
        """Whether filters choose the records for an answer that shows none."""
        has_filters = "filters" in self.request_class.DESCRIPTOR.fields_by_name
        reads = self._name.startswith(("Read", "Aggregate"))
        return has_filters and reads and not self.is_feed

    @property
    def _name(self) -> str:
        return self.rpc.rpartition("/")[2]

    @property
    def shows_secret(self) -> bool:
        """Whether the answer contains a credential. Reads and changes show none."""
        names = self.response_class.DESCRIPTOR.fields_by_name
        has_one = bool(self.address_in) or not _SECRETS.isdisjoint(names)
        return has_one and self.http_method == "POST"

    @property
    def is_file(self) -> bool:
        """Whether the answer is the bytes of a file, in any number of pieces."""
        return self.response_class.DESCRIPTOR.full_name == _FILE

    @property
    def is_upload(self) -> bool:
        """Whether the body is a file, sent on in any number of pieces."""
        return self.http_method == "PUT"

    @property
    def is_feed(self) -> bool:
        """Whether it reads changes from a cursor on, which are not kept for ever."""
        return "start" in self.request_class.DESCRIPTOR.fields_by_name


def routes_of(services: Iterable[ServiceDescriptor]) -> tuple[Route, ...]:
    """The routes of all methods with an HTTP rule.

    Raises:
        ValueError: A rule uses a feature that this edge does not support, two routes
            have the same method and path, or a method declares no permission.
    """
    routes = tuple(route for service in services for route in _of_service(service))
    taken: dict[tuple[str, str], Route] = {}
    for route in routes:
        key = route.http_method, _PARAMETER.sub("{}", route.path)
        other = taken.setdefault(key, route)
        if other is not route:
            raise ValueError(f"{route.rpc} has the HTTP path of {other.rpc}")
    return routes


def _of_service(service: ServiceDescriptor) -> Iterator[Route]:
    for method in service.methods:
        if method.GetOptions().HasExtension(annotations_pb2.http):
            yield _of_method(method)


def _of_method(method: MethodDescriptor) -> Route:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    if verb not in _VERBS or rule.additional_bindings:
        raise ValueError(f"{method.full_name}: not an HTTP rule that the edge knows")
    policy = method.GetOptions().Extensions[options_pb2.method]
    if bool(policy.permission) == policy.any_token:
        options = "exactly one of the options `permission` and `any_token`"
        raise ValueError(f"{method.full_name}: an HTTP method needs {options}")
    path, request, answer = getattr(rule, verb), method.input_type, method.output_type
    return Route(
        http_method=verb.upper(),
        path=path,
        rpc=f"/{method.containing_service.full_name}/{method.name}",
        request_class=GetMessageClass(request),
        response_class=GetMessageClass(answer),
        body_field=body_field(method, rule.body),
        path_parameters=path_parameters(method, path),
        permission=policy.permission or None,
        keyed=policy.keyed,
        conflicts=policy.conflicts,
        accepts=frozenset(policy.accepts),
        beside=beside_record(request),
        status=_status(method),
        has_update_mask="update_mask" in request.fields_by_name,
        has_etag="etag" in request.fields_by_name,
        answers_etag=has_internal_etag(answer) or has_internal_etag(held(answer)),
        record_in="" if held(answer) is None else RECORD,
        other_form=policy.other_form,
        other_forms=tuple(policy.other_forms),
        identified_by=identified_by(method.containing_service, path),
        may_exist=policy.may_exist,
        contract_in=contract_in(method, rule.body) if verb == "post" else "",
        address_in=address_in(answer),
        denies=policy.denies,
        begins_job=begins_job(method),
        is_past=policy.standard in _OF_THE_PAST,
        only_reads=policy.reads or verb == "get",
        audited=policy.audited,
        query=query_of(method, path) if verb == "get" else frozenset(),
        query_texts=texts_of(request) if method.server_streaming else frozenset(),
        streams=method.server_streaming,
        is_batch=policy.runs_others,
        affects_others=policy.standard in _OF_OTHERS,
        erasable=is_erasable(method.containing_service),
        erases=policy.standard == options_pb2.STANDARD_METHOD_ERASE,
        may_be_gone=is_about_people(method.containing_service),
    )


def begins_job(method: MethodDescriptor) -> bool:
    """Whether the method may answer with a job that it began, status 202."""
    field = method.output_type.fields_by_name.get(JOB)
    policy = method.GetOptions().Extensions[options_pb2.method]
    if field is None or not policy.conflicts:
        return False
    return bool(field.GetOptions().Extensions[options_pb2.field].internal)


def _status(method: MethodDescriptor) -> int:
    if method.output_type.full_name == "google.protobuf.Empty":
        return 204
    if begins_job(method) and len(method.output_type.fields) == 1:
        return 202  # nothing but a job
    return 201 if method.name.startswith("Create") else 200
