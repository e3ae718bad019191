"""The sandbox of the demonstration data, with some sample records and a planted fault.

Its token is kept nowhere: who wants to call it makes a sandbox of their own.
"""

from collections.abc import Sequence
from dataclasses import replace

from google.protobuf.struct_pb2 import Value
from prospectconnect.iam.v1.sandboxes_pb2 import (
    SANDBOX_COPY_SCHEMA_AND_SAMPLE,
    SANDBOX_STATE_FILLING,
    PlantSandboxFaultRequest,
    Sandbox,
)

from deploy.demo.added.mistakes import There
from services.caller import CURRENT_CALL, Call, Caller
from services.clock import DAY, now, to_timestamp
from services.every_kind import compile_kinds
from services.iam.tokens import DEFAULT_LIMIT
from services.ids import new_id
from services.postgres.database import Database, Transaction
from services.record_messages import operations
from services.records.bulk import copy_in, rows_of
from services.sandboxes.behaviour import tell
from services.sandboxes.bounds import FILL_SECONDS
from services.sandboxes.faults import FaultMethods
from services.sandboxes.making import make_tenant
from services.sandboxes.tending import Tending

_IS_THERE = "SELECT 1 FROM sandboxes WHERE business_id = $1 LIMIT 1"
_LIMIT = "SELECT limit_requests, limit_seconds FROM tenants WHERE business_id = $1"
_DAYS, _CONTACTS, _SEED = 30, 100, 1815


async def add_sandbox(
    database: Database, business_id: str, users: Sequence[str]
) -> None:
    """Adds the sandbox, of the owner, unless there was one."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    caller = await _owner(database, business_id, users)
    sandbox = _sandbox(caller.user_id)
    kinds = {name: each.kind for name, each in compile_kinds().items()}

    async def put(transaction: Transaction) -> None:
        await copy_in(transaction, rows_of(business_id, [sandbox]))
        await make_tenant(transaction, caller, sandbox, new_id("biz_"), kinds)
        await tell("created", sandbox, caller, transaction)

    await database.in_transaction(put)
    tending = Tending(database, kinds, None)
    await tending.fill(business_id, sandbox.id, FILL_SECONDS)
    fault = PlantSandboxFaultRequest(
        id=sandbox.id, answer=Value(number_value=503), for_requests=100
    )
    fault.match.operation, fault.match.share.value = "createContact", "0.25"
    before = CURRENT_CALL.set(Call(caller))
    try:
        await FaultMethods(database, operations()).plant(fault)
    finally:
        CURRENT_CALL.reset(before)


async def _owner(database: Database, business_id: str, users: Sequence[str]) -> Caller:
    row = await database.row(_LIMIT, business_id)
    assert row is not None  # noqa: S101 -- it was just made
    call = await There(database, business_id, users).call("owner", users[0])
    limit = row[0], row[1]
    return replace(call.caller, tenant_limit=limit, token_limit=DEFAULT_LIMIT)


def _sandbox(user_id: str) -> Sandbox:
    moment = now()
    return Sandbox(
        id=new_id("sbx_"),
        name="Trial of the new import",
        copy=SANDBOX_COPY_SCHEMA_AND_SAMPLE,
        seed=_SEED,
        sample=_CONTACTS,
        expires_in_days=_DAYS,
        expires_at=to_timestamp(moment + _DAYS * DAY),
        state=SANDBOX_STATE_FILLING,
        created_at=to_timestamp(moment),
        updated_at=to_timestamp(moment),
        created_by=user_id,
        etag="1",
    )
