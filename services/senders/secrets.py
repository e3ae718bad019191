"""The secrets of senders: taken out of requests, and stored sealed in a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from prospectconnect.engagement.v1.senders_pb2 import Sender

from services.postgres.database import Database, Transaction
from services.records.commands import Command
from services.sealed.vault import Vault

_SET = """
INSERT INTO sender_secrets (business_id, sender_id, {0}) VALUES ($1, $2, $3)
ON CONFLICT (business_id, sender_id) DO UPDATE SET {0} = excluded.{0}
"""
_ALL = """
SELECT sender_id, password, private_key FROM sender_secrets WHERE business_id = $1
FOR UPDATE
"""
_RESEAL = """
UPDATE sender_secrets SET password = $3, private_key = $4
WHERE business_id = $1 AND sender_id = $2
"""
# Of senders that can no longer be restored. Values: business, the moment before which
# these were deleted.
_SWEEP = """
DELETE FROM sender_secrets AS x USING senders AS s
WHERE x.business_id = $1 AND s.business_id = $1 AND s.id = x.sender_id
  AND s.deleted_at < $2
"""


@dataclass(frozen=True, slots=True)
class Given:
    """The secrets that a request gives, "" for those that it does not."""

    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


# Those of the running request.
_NONE = Given()
GIVEN: ContextVar[Given] = ContextVar("given", default=_NONE)


@contextmanager
def taken(sender: Sender, names: frozenset[str]) -> Iterator[None]:
    """Takes the secrets out of a request's record, for what runs within.

    `names` are the fields that the request writes: those of others count for nothing.
    """
    password, key = sender.smtp.password, sender.dkim.private_key
    strip(sender)
    given = Given(password if "smtp" in names else "", key if "dkim" in names else "")
    before = GIVEN.set(given)
    try:
        yield
    finally:
        GIVEN.reset(before)


def strip(sender: Sender) -> None:
    """Removes secrets from a record."""
    if sender.HasField("smtp"):
        sender.smtp.ClearField("password")
    if sender.HasField("dkim"):
        sender.dkim.ClearField("private_key")


def stored(
    vault: Vault, business_id: str, before: Sender | None, after: Sender
) -> Iterator[Command]:
    """The statements that store the secrets of a new or changed sender."""
    given, its = GIVEN.get(), (business_id, after.id)
    for name, text in (
        ("password", given.password),
        ("private_key", given.private_key),
    ):
        is_set, was_set = f"{name}_set_at", before is not None
        if text and after.HasField(is_set):  # type: ignore[arg-type]  # is a field
            sealed = vault.seal(text, *its)
            yield Command(_SET.format(name), (*its, sealed))
        elif was_set and not after.HasField(is_set):  # type: ignore[arg-type]  # as above
            yield Command(_SET.format(name), (*its, None))


async def reseal(database: Database, vault: Vault, business_id: str) -> None:
    """Seals a tenant's secrets with the key of today."""

    async def run(transaction: Transaction) -> None:
        for sender_id, *sealed in await transaction.rows(_ALL, business_id):
            its = business_id, sender_id
            anew = [_resealed(vault, each, its) for each in sealed]
            if anew != sealed:
                await transaction.run(_RESEAL, *its, *anew)

    await database.in_transaction(run)


def _resealed(vault: Vault, sealed: str | None, its: tuple[str, str]) -> str | None:
    if sealed is None or vault.is_new(sealed):
        return sealed
    text = vault.open(sealed, *its)
    return sealed if text is None else vault.seal(text, *its)


async def sweep(database: Database, business_id: str, before: int) -> None:
    """Deletes the secrets of senders that were deleted before a moment."""
    await database.run(_SWEEP, business_id, before)
