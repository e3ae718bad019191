"""The services' methods for OAuth, its pages, and the pages of an account."""

from dataclasses import dataclass
from typing import Any

from prospectconnect.iam.v1 import (
    access_pb2_grpc,
    apps_pb2_grpc,
    authorizations_pb2_grpc,
    grants_pb2_grpc,
    own_apps_pb2_grpc,
    own_tokens_pb2_grpc,
    sessions_pb2_grpc,
    token_endpoint_pb2_grpc,
    tokens_pb2_grpc,
    usage_pb2_grpc,
)


@dataclass(frozen=True, slots=True)
class Stubs:
    """One for each service; their attributes are what `upstream.call` calls."""

    access: Any
    apps: Any
    authorizations: Any
    grants: Any
    own_apps: Any
    own_tokens: Any
    sessions: Any
    token_endpoint: Any
    tokens: Any
    usage: Any


def open_stubs(channel: Any) -> Stubs:
    """Makes the methods callable. Once, at start."""
    return Stubs(
        access=access_pb2_grpc.AccessServiceStub(channel),
        apps=apps_pb2_grpc.AppServiceStub(channel),
        authorizations=authorizations_pb2_grpc.AuthorizationServiceStub(channel),
        grants=grants_pb2_grpc.GrantServiceStub(channel),
        own_apps=own_apps_pb2_grpc.OwnAppServiceStub(channel),
        own_tokens=own_tokens_pb2_grpc.OwnTokenServiceStub(channel),
        sessions=sessions_pb2_grpc.SessionServiceStub(channel),
        token_endpoint=token_endpoint_pb2_grpc.TokenEndpointServiceStub(channel),
        tokens=tokens_pb2_grpc.TokenServiceStub(channel),
        usage=usage_pb2_grpc.UsageServiceStub(channel),
    )
