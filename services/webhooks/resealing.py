"""Seals the secrets of webhooks anew that older keys have sealed.

A key that was replaced opens for a day at least (`secret_keys.rotate`).
"""

from typing import Any

from services.postgres.database import Database, Row, Transaction
from services.sealed.vault import Vault
from services.webhooks import statements


async def reseal(database: Database, vault: Vault, business_id: str) -> int:
    """Seals a tenant's secrets with the key of today. Returns for how many webhooks."""

    async def run(transaction: Transaction) -> int:
        rows = await transaction.rows(statements.ALL_SECRETS, business_id)
        anew = [each for each in rows if not _is_new(vault, each)]
        for row in anew:
            its = business_id, row["webhook_id"]
            kept = [_resealed(vault, each, its) for each in row["secrets"]]
            await transaction.run(statements.ROTATE, *its, kept)
        return len(anew)

    return await database.in_transaction(run)


def _is_new(vault: Vault, row: Row) -> bool:
    return all(vault.is_new(each["sealed"]) for each in row["secrets"])


def _resealed(vault: Vault, stored: dict[str, Any], its: tuple[str, str]) -> Any:
    text = vault.open(stored["sealed"], *its)
    if text is None or vault.is_new(stored["sealed"]):
        return stored
    return {**stored, "sealed": vault.seal(text, *its)}
