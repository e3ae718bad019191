"""One run of the whole product, by its command line, a browser, apps and gRPC.

It records every secret that it used or received, by name, and all output of the
processes. For some time a table is renamed, so that internal errors are logged, too.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import grpc
from prospectconnect.iam.v1 import access_pb2, access_pb2_grpc

from tests import stacks
from tests.client import Client
from tests.harness.people.oauth import pkce
from tests.harness.people.person import Page, Person, Sent
from tests.harness.people.web_app import WebApp, register
from tests.harness.wire.grpc_calls import bearer, refused
from tests.stacks import PROGRAM, Process, start

EMAIL, PASSWORD = "ann@acme.example", "correct horse Q7-battery"
_WRONG = "a wrong password Zx9"
_LOUD = {"PROSPECTCONNECT_LOG_REQUESTS": "true", **stacks.UNLIMITED}


@dataclass(slots=True)
class Run:
    """A database, the processes on it, their logs, and the secrets so far."""

    url: str
    folder: Path
    program: Sequence[str]
    secrets: dict[str, str] = field(default_factory=dict)

    def keep(self, **secrets: str) -> None:
        """Records secrets; a short one would be found by chance."""
        assert all(len(secret) > 15 for secret in secrets.values()), secrets
        self.secrets |= {f"{n} {len(self.secrets)}": s for n, s in secrets.items()}

    def command(self, *arguments: str) -> str:
        """Runs an administration command; returns its output."""
        with (self.folder / "commands.log").open("ab") as log:
            given = (*self.program, *arguments, "--database-url", self.url)
            done = subprocess.run(
                [sys.executable, "-m", *given],
                stdout=subprocess.PIPE,
                stderr=log,
                check=True,
                text=True,
            )
        return done.stdout.strip()

    @contextmanager
    def serving(self) -> Iterator[tuple[Process, Process]]:
        """The edge and the services, each with its log."""
        database = ("--database-url", self.url)
        with self._started("services", "--grpc-port", "0", *database) as services:
            ways = ("--http-port", "0", "--services", services.grpc)
            with self._started("edge", *ways) as edge:
                yield edge, services

    @contextmanager
    def _started(self, *arguments: str) -> Iterator[Process]:
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            process = start(*arguments, env=_LOUD, program=self.program, log=log)
            try:
                yield process
            finally:
                assert process.stop() == 0

    def sql(self, statement: str) -> list[Any]:
        """Runs a statement directly on the database."""

        async def run() -> list[Any]:
            link = await asyncpg.connect(self.url)
            try:
                return list(await link.fetch(statement))
            finally:
                await link.close()

        return asyncio.run(run())


def whole_run(url: str, folder: Path, program: Sequence[str] = PROGRAM) -> Run:
    """Performs all operations with secrets; returns the record of the run."""
    run = Run(url, folder, program)
    run.command("migrate")
    token = _administer(run)
    with run.serving() as (edge, services):
        _call(run, edge.http, services.grpc, token)
        _authorize(run, edge.http)
        _break(run, edge.http, token)
        run.command("secret", "rotate", "--name", "cursors")
        run.command("token", "revoke", "--token", token)
    return run


def _administer(run: Run) -> str:
    run.command("tenant", "create", "--name", "Acme", "--rate-limit", "100000/1s")
    who = ("--tenant", "Acme", "--email", EMAIL, "--role", "owner")
    run.command("user", "create", *who, "--password", PASSWORD)
    whose = ("--tenant", "Acme", "--user", EMAIL, "--rate-limit", "100000/1s")
    scopes = ("--scopes", "contact.all company.all token.all")
    token = run.command("token", "create", *whose, *scopes)
    run.keep(password=PASSWORD, wrong_password=_WRONG, token=token)
    return token


def _call(run: Run, http: str, address: str, token: str) -> None:
    """Valid and invalid calls, over HTTP and gRPC, with valid and invalid tokens."""
    unknown = f"{token[:-12]}{'A' * 12}"
    run.keep(unknown_token=unknown)
    with closing(Client(http, token)) as client:
        for name in ("ada", "bob"):
            client.create("/contacts", {"email": f"{name}@b.example"})
        page = client.search("/contacts", limit=1)["meta"]["cursor"]["next"]
        run.keep(cursor=page)
        client.search("/contacts", limit=1, cursor=page)
        assert client.post("/contacts/search", {"cursor": page + "A"}).status == 400
        made = client.create("/tokens", {"scopes": ["contact.read"]})
        run.keep(own_token=made["secret"])
        assert client.post("/tokens", {"scopes": ["nonsense"]}).status == 422
        assert client.delete(f"/tokens/{made['id']}").status == 204
    with closing(Client(http, unknown)) as client:
        assert client.get("/me").status == 401
    with grpc.insecure_channel(address) as channel:
        get_me = access_pb2_grpc.AccessServiceStub(channel).GetMe
        get_me(access_pb2.GetMeRequest(), timeout=60, metadata=bearer(token))
        request = access_pb2.GetMeRequest()
        refused(get_me, request, metadata=bearer(unknown))


def _authorize(run: Run, http: str) -> None:
    """A person grants access to an app, which uses all of its secrets, some twice."""
    app = register(http, token_endpoint_auth_method="client_secret_post")
    run.keep(client_secret=app.secret, registration_token=app.registration)
    person = Person(http)
    verifier, challenge = pkce()
    page = person.open(app.target(challenge))
    assert isinstance(page, Page)
    (form,) = page.forms
    run.keep(**{n: v for n, v in form.fields.items() if len(v) > 15})
    person.submit(form, email=EMAIL, password=_WRONG)
    consent = person.submit(form, email=EMAIL, password=PASSWORD)
    run.keep(**dict(person.cookies))
    assert isinstance(consent, Page)
    (form,) = consent.forms
    run.keep(**{f"consent_{n}": v for n, v in form.fields.items() if len(v) > 15})
    sent = person.submit(form, answer="allow")
    assert isinstance(sent, Sent)
    _exchange(run, app, sent.told["code"], verifier)
    page = person.open("/oauth/logout")
    assert isinstance(page, Page)
    person.submit(page.forms[0])


def _exchange(run: Run, app: WebApp, code: str, verifier: str) -> None:
    run.keep(code=code, verifier=verifier)
    tokens = app.exchange(code, verifier).json
    run.keep(access=tokens["access_token"], refresh=tokens["refresh_token"])
    again = app.refresh(tokens["refresh_token"]).json
    run.keep(access_again=again["access_token"], refresh_again=again["refresh_token"])
    with closing(Client(app.address, again["access_token"])) as client:
        assert client.get("/me").status == 200
    app.post("/oauth/introspect", {"token": again["access_token"]})
    app.post("/oauth/revoke", {"token": again["refresh_token"]})
    assert app.refresh(tokens["refresh_token"]).status == 400
    assert app.exchange(code, verifier).status == 400
    assert app.own("GET").status == 200
    assert app.own("DELETE").status == 204


def _break(run: Run, http: str, token: str) -> None:
    """Causes internal errors: only the log may contain their details."""
    run.sql("ALTER TABLE contacts RENAME TO elsewhere")
    try:
        with closing(Client(http, token)) as client:
            answer = client.post("/contacts", {"email": "eve@b.example"})
            assert answer.status == 500, answer.body
            assert client.post("/contacts/search", {}).status == 500
    finally:
        run.sql("ALTER TABLE elsewhere RENAME TO contacts")


def written(run: Run) -> Iterator[tuple[str, bytes]]:
    """All written data: every log, and every table as a dump by COPY."""
    for log in sorted(run.folder.rglob("*.log")):
        yield log.name, log.read_bytes()
    tables = run.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        yield f"table {table}", _dump(run.url, table)


def _dump(url: str, table: str) -> bytes:
    async def copy() -> bytes:
        link, parts = await asyncpg.connect(url), list[bytes]()

        async def take(part: bytes) -> None:
            parts.append(part)

        try:
            await link.copy_from_table(table, output=take)
        finally:
            await link.close()
        return b"".join(parts)

    return asyncio.run(copy())
