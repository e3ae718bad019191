"""The cost of a token request: CPU microseconds of the services without the database.

`python -m tests.bench.token_requests [ROUNDS]` redeems codes and refresh tokens one
after another through the in-process channel, with all interceptors. The measured part
hashes no password. The cost of HTTP and the edge is not included.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop
from prospectconnect.iam.v1 import (
    apps_pb2,
    authorizations_pb2,
    sessions_pb2,
    token_endpoint_pb2,
)

from deploy.embedded import postgres
from deploy.serving import in_process
from services import tenant_setup
from services.iam import tenants
from services.postgres.database import Database
from services.postgres.schema import migrate
from services.server import close_services, open_services
from services.settings import ServiceSettings
from tests.harness.people.oauth import CALLBACK, PASSWORD, pkce, session

REQUESTS = 500

Call = Callable[..., Awaitable[Any]]


class Flow:
    """An app and a logged-in user, and the steps from one to the other."""

    def __init__(self, call: Call, client_id: str, who: str) -> None:
        self._call = call
        self._app = token_endpoint_pb2.ClientCredentials(
            client_id=client_id, method="none"
        )
        self._who = session(who)

    async def code(self) -> tuple[str, str]:
        """A code, granted by the user, and its verifier."""
        verifier, challenge = pkce()
        asking = authorizations_pb2.StartAuthorizationRequest(
            client_id=self._app.client_id,
            response_type="code",
            code_challenge=challenge,
            code_challenge_method="S256",
        )
        service = "AuthorizationService"
        started = await self._call(service, "StartAuthorization", asking)
        question = authorizations_pb2.GetAuthorizationRequest(request=started.request)
        shown = await self._call(service, "GetAuthorization", question, self._who)
        answer = authorizations_pb2.ApproveAuthorizationRequest(
            request=started.request, form_token=shown.form_token
        )
        approved = await self._call(service, "ApproveAuthorization", answer, self._who)
        return approved.code, verifier

    async def exchange(self, code: str, verifier: str) -> str:
        """Redeems a code; returns the refresh token."""
        request = token_endpoint_pb2.ExchangeCodeRequest(
            client=self._app, code=code, code_verifier=verifier
        )
        return str((await self._endpoint("ExchangeCode", request)).refresh_token)

    async def refresh(self, token: str) -> str:
        """Redeems a refresh token; returns the next one."""
        request = token_endpoint_pb2.ExchangeRefreshTokenRequest(
            client=self._app, refresh_token=token
        )
        issued = await self._endpoint("ExchangeRefreshToken", request)
        return str(issued.refresh_token)

    async def _endpoint(self, method: str, request: Any) -> Any:
        return await self._call("TokenEndpointService", method, request)


async def measure(url: str, rounds: int) -> None:
    """Prints the medians of some rounds."""
    database = await Database.open(url)
    name = "bench"
    await tenant_setup.create_tenant(database, name)
    email = "a@b.example"
    await tenants.create_user(database, name, email, "owner", PASSWORD)
    await database.close()
    services = await open_services(ServiceSettings(url))
    channel = await in_process.open_channel(services.add_to, services.interceptors)

    async def call(service: str, method: str, request: Any, metadata: Any = ()) -> Any:
        name = f"/prospectconnect.iam.v1.{service}/{method}"
        return await channel.unary_unary(name)(request, timeout=30, metadata=metadata)

    flow = await _begin(call, email)
    codes, refreshes = [], []
    for _ in range(rounds):
        granted = [await flow.code() for _ in range(REQUESTS)]
        begun = time.process_time()
        tokens = [await flow.exchange(*each) for each in granted]
        codes.append(time.process_time() - begun)
        begun, token = time.process_time(), tokens[0]
        for _ in range(REQUESTS):
            token = await flow.refresh(token)
        refreshes.append(time.process_time() - begun)
    for what, times in (("code", codes), ("refresh token", refreshes)):
        cost = statistics.median(times) / REQUESTS * 1e6
        print(f"{what:14}{cost:6.0f} us of CPU a request")
    await close_services(services)


async def _begin(call: Call, email: str) -> Flow:
    """Registers an app and logs a user in."""
    metadata = apps_pb2.AppMetadata(
        redirect_uris=[CALLBACK], token_endpoint_auth_method="none"
    )
    registering = apps_pb2.RegisterAppRequest(metadata=metadata)
    registered = await call("AppService", "RegisterApp", registering)
    browser = "b" * 32
    form = await call(
        "SessionService",
        "GetLoginForm",
        sessions_pb2.GetLoginFormRequest(browser=browser),
    )
    login = sessions_pb2.LogInRequest(
        browser=browser, form_token=form.form_token, email=email, password=PASSWORD
    )
    logged_in = await call("SessionService", "LogIn", login)
    return Flow(call, registered.app.id, logged_in.session)


def main() -> None:
    """Measures on a separate PostgreSQL."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with (
        tempfile.TemporaryDirectory(prefix="pc-") as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        uvloop.run(measure(url, rounds))


if __name__ == "__main__":
    main()
