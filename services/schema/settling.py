"""What a change of a definition does beside writing it.

It locks the tenant's row and counts the generation of the tenant's schema up, in its
transaction. Records that use the key are made to fit, and formulas are computed.
"""

from collections.abc import Awaitable, Callable

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.caller import Caller
from services.errors import ValuesUnfit
from services.postgres.database import Transaction
from services.record_messages import home_of, policy_of, record_messages
from services.records.commands import Around, Command
from services.records.values.typed_statements import drop_digests_sql, drop_words_sql
from services.schema import definitions, existing
from services.schema.audited import tell
from services.schema.bounds import refuse_too_many
from services.schema.by_jobs.beginning import Settle
from services.schema.generation import COUNT_UP, LOCK
from services.schema.types import refuse_archived

_RESOURCES = {
    policy.plural: policy.resource for policy in map(policy_of, record_messages())
}


# Computes the formulas that follow a change, or refuses the change: (transaction,
# tenant, the definition before and after).
Follow = Callable[[Transaction, str, pb.Field | None, pb.Field], Awaitable[None]]


def around(
    follow: Follow,
    settle: Settle,
    caller: Caller,
    before: pb.Field | None,
    after: pb.Field | None,
) -> Around | None:
    """Locks the tenant's row, and counts its schema's generation up.

    Then the records that use the key are made to fit the definition, and formulas are
    computed by `follow`; or a job is begun that does both.
    """
    assert after is not None  # noqa: S101 - definitions are archived, not deleted
    tenant = [caller.business_id]

    async def then(transaction: Transaction) -> None:
        await refuse_archived(transaction, caller.business_id, before, after)
        await refuse_too_many(transaction, caller.business_id, before, after)
        try:
            await settle(transaction, caller, before, after)
            await follow(transaction, caller.business_id, before, after)
        except ValuesUnfit as error:
            if not sees(caller, after.object):
                error.sample = ()
            raise
        await tell(transaction, caller, "field", before, after)

    return Around([Command(LOCK, tenant)], [Command(COUNT_UP, tenant)], then)


def fitting(choice: pb.ExistingValues.ValueType) -> Settle:
    """Fits values to a definition that is new or stricter, as a request chose."""

    async def settle(
        transaction: Transaction,
        caller: Caller,
        before: pb.Field | None,
        after: pb.Field,
    ) -> None:
        business_id = caller.business_id
        if after.type == pb.FIELD_TYPE_FORMULA:
            await existing.refuse_uncomputed(
                transaction, business_id, before, after, choice
            )
            return
        if (
            before is None
            or definitions.is_stricter(after, before)
            or (after.searchable and not before.searchable)
        ):
            await existing.fit(transaction, business_id, after, choice)
            return
        key = business_id, after.key, after.object
        if before.unique and not after.unique:
            await transaction.run(drop_digests_sql("$3"), *key)
        if before.searchable and not after.searchable:
            await transaction.run(drop_words_sql("$3"), *key)

    return settle


def sees(caller: Caller, name: str) -> bool:
    """Whether the caller may read all records of a type."""
    resource = _RESOURCES[home_of(name).table]
    return caller.may(f"{resource}.read") and resource not in caller.own_only
