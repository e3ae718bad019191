"""Senders and e-mails that tests make, and a mailer that runs beside the stack."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from services.delivering.addresses import Addresses
from services.emails.sending import EmailMail
from services.every_kind import compile_kinds
from services.mailing.attempts import Parts
from services.mailing.figures import MailFigures
from services.mailing.kinds import KIND_EMAIL
from services.mailing.mailer import Mailer
from services.mailing.servers import server_of_url
from services.mailing.talking import Smtp
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed import secret_keys
from services.sealed.mailed_links import MailedLinks
from services.sealed.vault import Vault
from tests.client import Client
from tests.harness.promptly import within
from tests.world import administer

PUBLIC_URL = "https://api.example"
_VERIFY = """
UPDATE senders SET verified_at = now() WHERE business_id = $1 AND id = $2
"""

MakeKind = Callable[..., EmailMail]


def sender(client: Client, database_url: str, **others: Any) -> str:
    """A new sender whose address is verified; its id."""
    body = {"address": "news@tenant.example", "name": "Tenant", **others}
    made = client.create("/senders", body)["id"]
    business_id = client.get("/me").json["business"]["id"]
    administer(database_url, lambda its: its.run(_VERIFY, business_id, made))
    return str(made)


def send(client: Client, sender_id: str, contact: str, **others: Any) -> Any:
    """A new e-mail."""
    body = {
        "sender_id": sender_id,
        "to_contact_id": contact,
        "subject": "Hello",
        "html": "<p>Good morning.</p>",
        **others,
    }
    return client.create("/emails", body)


def ends(client: Client, email_id: str, seconds: float = 30) -> Any:
    """An e-mail, once it is queued no longer."""
    found: list[Any] = []

    def has_ended() -> bool:
        found[:] = [client.get(f"/emails/{email_id}").json]
        return found[0]["status"] != "queued"

    assert within(seconds, has_ended), found
    return found[0]


@contextmanager
def mailer(
    database_url: str, port: int, make_kind: MakeKind = EmailMail
) -> Iterator[EmailMail]:
    """Sends the e-mails of a database in a thread, to the server at a port."""
    ready, ended = threading.Event(), asyncio.Event()
    made: list[EmailMail] = []
    loop = asyncio.new_event_loop()

    async def run() -> None:
        database = await Database.open(database_url, max_connections=10)
        try:
            kind = await _kind(database, make_kind)
            made.append(kind)
            parts = Parts(
                database=database,
                smtp=Smtp(Addresses(allows_private=True)),
                vault=Vault(
                    await secret_keys.open_keys(database, secret_keys.WEBHOOKS)
                ),
                kinds={KIND_EMAIL: kind},
                operator=server_of_url(f"smtp+plain://127.0.0.1:{port}"),
                figures=MailFigures(),
            )
            task = asyncio.create_task(Mailer(parts).run())
            ready.set()
            await ended.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        finally:
            ready.set()
            await database.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    ready.wait()
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


async def _kind(database: Database, make_kind: MakeKind) -> EmailMail:
    kinds = compile_kinds()
    schemas = Schemas(database, kinds["field"].kind)
    every = {name: Records(database, each, schemas) for name, each in kinds.items()}
    digests = await secret_keys.open_keys(database, secret_keys.SUPPRESSIONS)
    links = MailedLinks(await secret_keys.open_keys(database, secret_keys.LINKS))
    return make_kind(database, every, digests, links, PUBLIC_URL)
