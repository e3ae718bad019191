"""The services' methods for OAuth and its pages. None has an HTTP path."""

from dataclasses import dataclass
from typing import Any

from prospectconnect.iam.v1 import (
    apps_pb2_grpc,
    authorizations_pb2_grpc,
    grants_pb2_grpc,
    sessions_pb2_grpc,
    token_endpoint_pb2_grpc,
)


@dataclass(frozen=True, slots=True)
class Stubs:
    """One for each service; their attributes are what `upstream.call` calls."""

    apps: Any
    authorizations: Any
    grants: Any
    sessions: Any
    token_endpoint: Any


def open_stubs(channel: Any) -> Stubs:
    """Makes the methods callable. Once, at start."""
    return Stubs(
        apps=apps_pb2_grpc.AppServiceStub(channel),
        authorizations=authorizations_pb2_grpc.AuthorizationServiceStub(channel),
        grants=grants_pb2_grpc.GrantServiceStub(channel),
        sessions=sessions_pb2_grpc.SessionServiceStub(channel),
        token_endpoint=token_endpoint_pb2_grpc.TokenEndpointServiceStub(channel),
    )
