"""A user who is logged in with a browser, and checks of the tokens that they grant."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import grpc
from prospectconnect.iam.v1 import access_pb2, sessions_pb2

from services.iam import audit, tenants, tokens
from services.iam.passwords import hash_password
from tests.harness.people.oauth import PASSWORD, Oauth, session
from tests.harness.promptly import within
from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant


@dataclass(frozen=True, slots=True)
class Scene:
    """A tenant with a user who is logged in."""

    oauth: Oauth
    tenant: Tenant
    email: str
    session: str

    def token(self, scopes: Sequence[str]) -> str:
        """A personal access token of the user."""
        return administer(
            self.tenant.stack.database_url,
            lambda database: tokens.issue_token(
                database, self.tenant.name, self.email, scopes
            ),
        )

    def lives(self, access_token: str) -> bool:
        """Whether the services accept an access token, without a cache."""
        request = access_pb2.ResolveCallerRequest()
        try:
            self.oauth.access.ResolveCaller(
                request, metadata=bearer(access_token), timeout=60
            )
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                return False
            raise
        return True

    def dies(self, access_token: str, seconds: float = 2.0) -> bool:
        """Whether an access token is refused within `seconds`."""
        return within(seconds, lambda: not self.lives(access_token))

    def events(self) -> list[str]:
        """The names of the tenant's events, the latest first."""
        rows = administer(
            self.tenant.stack.database_url,
            lambda database: audit.read(database, self.tenant.business_id, 0, 1_000),
        )
        return [row[2] for row in rows]


@contextmanager
def opened_scene(stack: Stack, role: str = "owner") -> Iterator[Scene]:
    """A new scene on a stack."""
    tenant = new_tenant(stack)
    email = f"ann@{tenant.name}.example"
    add_user(tenant, email, role)
    with grpc.insecure_channel(stack.grpc) as channel:
        oauth = Oauth(channel)
        yield Scene(oauth, tenant, email, oauth.log_in(email))


def add_user(tenant: Tenant, email: str, role: str = "owner") -> str:
    """Adds a user to a tenant with the password of all tests; returns their id."""
    with patch.object(tenants, "hash_password", _hashed_once):
        return administer(
            tenant.stack.database_url,
            lambda database: tenants.create_user(
                database, tenant.name, email, role, PASSWORD
            ),
        )


_HASHES: dict[str, str] = {}


async def _hashed_once(password: str) -> str:
    """The hash of a password; it takes a quarter of a second, by design."""
    if password not in _HASHES:
        _HASHES[password] = await hash_password(password)
    return _HASHES[password]


def new_user(scene: Scene, **options: Any) -> str:
    """A user whom no attempt was counted against."""
    email = f"{secrets.token_hex(6)}@{scene.tenant.name}.example"
    add_user(scene.tenant, email, **options)
    return email


def business_of(scene: Scene, who: str) -> str:
    """The business of the user whose session it is."""
    return scene.oauth.sessions.GetSession(
        sessions_pb2.GetSessionRequest(), metadata=session(who), timeout=60
    ).business.id
