"""Makes the tenant that a sandbox is, with its definitions and its people."""

from collections.abc import Mapping

from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.iam.v1.sandboxes_pb2 import SANDBOX_COPY_NOTHING, Sandbox

from services.caller import Caller
from services.clock import from_timestamp
from services.crm.pipelines import DEFAULT_NAME, DEFAULT_STAGES, create_pipeline
from services.iam.bearer import TEST
from services.iam.descent import makers_of
from services.iam.tenants import PART_OF_LIMIT
from services.iam.tokens import NewToken, insert_token
from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.records.copying import definitions, sandbox_rows
from services.records.copying.meetings import copy_meetings
from services.reporting.first import give_dashboard
from services.roles import EVERY_SCOPE

Kinds = Mapping[str, RecordType]
TOKEN_NAME = "Sandbox"  # noqa: S105 - what pages call it


async def make_tenant(
    transaction: Transaction,
    caller: Caller,
    sandbox: Sandbox,
    business_id: str,
    kinds: Kinds,
) -> str:
    """Makes a sandbox's tenant. Returns the secret of its maker's token."""
    requests, seconds = caller.tenant_limit
    limit = max(1, requests // PART_OF_LIMIT), seconds
    ends = from_timestamp(sandbox.expires_at)
    named = f"{sandbox.name} ({sandbox.id})"
    values = business_id, named, *limit, caller.business_id, ends
    await transaction.run(sandbox_rows.CREATE_TENANT, *values)
    its = caller.business_id, sandbox.id, business_id
    await transaction.run(sandbox_rows.TENANT_IS, *its)
    tenants = caller.business_id, business_id
    await definitions.copy_people(transaction, tenants, sandbox.seed)
    if sandbox.copy == SANDBOX_COPY_NOTHING:
        await create_pipeline(transaction, business_id, DEFAULT_NAME, DEFAULT_STAGES)
    await define(transaction, tenants, sandbox.copy, kinds)
    is_session = caller.token_kind == TOKEN_KIND_SESSION  # which is the user
    bound = None if is_session else caller.expires_at
    wanted = NewToken(
        EVERY_SCOPE,
        ends if bound is None else min(ends, bound),
        caller.token_limit,
        TOKEN_NAME,
        makers=makers_of(caller, EVERY_SCOPE),
        prefix=TEST,
    )
    its_user = business_id, caller.user_id
    _, secret = await insert_token(transaction, *its_user, wanted)
    return secret


async def define(
    transaction: Transaction, tenants: tuple[str, str], copy: int, kinds: Kinds
) -> None:
    """Gives a sandbox the definitions that it begins with, and its first dashboard."""
    if copy == SANDBOX_COPY_NOTHING:
        await definitions.count_up(transaction, tenants)
    else:
        await definitions.copy_definitions(transaction, tenants, kinds)
        await copy_meetings(transaction, tenants, kinds)
    await give_dashboard(transaction, tenants[1])
