"""What an erasure takes of a person about whom much is known.

`python -m tests.scale.erasures [COUNT]` gives a contact so many notes of its own, so
many that are shared, and so many changes, and its tenant a hundred times as many stored
answers of others. It prints how long a dry run takes and each of its statements, the
slowest first: a dry run does all that an erasure does.
"""

import argparse
import asyncio
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import EraseContactRequest

from deploy.embedded import postgres
from services.caller import CURRENT_CALL, Call
from services.erasure.erasures import Erasures
from services.every_kind import compile_kinds
from services.iam.tenants import create_user
from services.postgres.bound import BoundDatabase, Scope
from services.postgres.database import Database, Transaction
from services.postgres.schema import migrate
from services.records.engine import Records
from services.records.schemas import Schemas, SchemasWithin
from services.sealed.secret_keys import SecretKey, SecretKeys
from services.tenant_setup import create_tenant
from tests.services.callers import caller

ANSWERS_EACH = 100
CONTACT, WEBHOOK = (compile_kinds()[name] for name in ("contact", "webhook"))
KEYS = SecretKeys(SecretKey(b"k" * 32, 0))

_NOTES = """
INSERT INTO notes (business_id, id, body, pinned, contact_id, company_id, created_at,
  updated_at)
SELECT $1, 'note_' || substr(md5(n::text || $4::text), 1, 24), repeat('a text ', 40),
  false, $2, nullif($4::text, ''), now(), now() FROM generate_series(1, $3::int) AS n
"""
_CHANGES = """
INSERT INTO changes (business_id, record_id, at, version, object, operation, user_id,
  client_id, token_id, trace_id, was, now, image)
SELECT business_id, $2, now() + n * interval '1 ms', n, object, 2, '', '', '', '',
  '{"first_name": "Ada"}', '{"first_name": "Eda"}',
  CASE WHEN n % 32 = 0 THEN image END
FROM changes, generate_series(2, $3::int + 1) AS n
WHERE business_id = $1 AND record_id = $2 AND version = 1
"""
_LOGGED = """
INSERT INTO changes (business_id, record_id, at, version, object, operation, user_id,
  client_id, token_id, trace_id, image)
SELECT business_id, id, created_at, 1, 'notes', 1, '', '', '', '', to_jsonb(r)
FROM notes AS r WHERE business_id = $1
"""
_ANSWERS = """
INSERT INTO idempotency_keys (business_id, user_id, client_id, key, fingerprint,
  outcome, created_at)
SELECT $1, 'usr_1', '', n::text, '',
  convert_to(E'\\n\\x1dnote_' || substr(md5(n::text), 1, 24)
  || repeat('a text ', 40), 'UTF8'), now() FROM generate_series(1, $2::int) AS n
"""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=10_000)
    count = parser.parse_args().count
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(_measure(url, count))


async def _measure(url: str, count: int) -> None:
    await migrate(url, lambda _: None)
    database = await Database.open(url, max_connections=2)
    try:
        name = secrets.token_hex(4)
        tenant = await create_tenant(database, name, (1_000, 1))
        user = await create_user(database, name, f"{name}@x.example", "owner")
        call = Call(caller(tenant, user))
        CURRENT_CALL.set(call)
        given: Any = CONTACT.kind.message(first_name="Ada", email="a@b.example")
        record = await Records(database, CONTACT).create(call, given)
        for shared in ("", "cmp_1"):
            await database.run(_NOTES, tenant, record.id, count, shared)
        await database.run(_CHANGES, tenant, record.id, count)
        await database.run(_LOGGED, tenant)
        await database.run(_ANSWERS, tenant, count * ANSWERS_EACH)
        await database.run("ANALYZE")
        await _erase(database, call, record.id)
    finally:
        await database.close()


async def _erase(database: Database, call: Call, record_id: str) -> None:
    """Erases in a transaction that is undone, and prints how long what took."""
    bound, taken = BoundDatabase(database), list[tuple[float, str]]()
    outside = Schemas(database, compile_kinds()["field"].kind)
    records: Records[Any] = Records(bound, CONTACT, SchemasWithin(outside, bound))
    request = EraseContactRequest(id=record_id, reason="Why", include_shared=True)

    async def timed(self: Transaction, sql: str, *values: Any) -> list[Any]:
        began = time.monotonic()
        rows = await self._connection.fetch(sql, *values)
        taken.append((time.monotonic() - began, " ".join(sql.split())[:100]))
        return rows

    async def first(self: Transaction, sql: str, *values: Any) -> Any:
        rows = await timed(self, sql, *values)
        return rows[0] if rows else None

    Transaction.rows, Transaction.row, Transaction.run = timed, first, timed  # type: ignore[assignment,method-assign]  # to time them

    async def work(scope: Scope) -> None:
        scope.undone = True
        print(await Erasures(records, WEBHOOK, None, KEYS).erase(call, request))

    began = time.monotonic()
    await bound.within(work)
    print(f"{time.monotonic() - began:.2f} s in all")
    for seconds, sql in sorted(taken, reverse=True)[:12]:
        print(f"{seconds:.3f} s  {sql}")


if __name__ == "__main__":
    main()
