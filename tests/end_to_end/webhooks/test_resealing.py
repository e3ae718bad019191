"""The secrets of webhooks stay readable however often the key is replaced."""

from services.postgres.database import Database
from services.sealed.secret_keys import SecretKey, SecretKeys, open_keys
from services.sealed.vault import Vault
from services.webhooks.resealing import reseal
from services.webhooks.secrets import valid
from tests.client import Client
from tests.end_to_end.webhooks.kept import body
from tests.world import Tenant, administer

_SECRETS = "SELECT secrets FROM webhook_queues WHERE business_id = $1"


def test_secrets_are_sealed_anew(tenant: Tenant, owner: Client) -> None:
    made = owner.create("/webhooks", body())
    its = tenant.business_id, made["id"]

    async def work(database: Database) -> None:
        keys = await open_keys(database, "webhooks")
        (row,) = await database.rows(_SECRETS, tenant.business_id)
        assert made["secret"] not in str(row["secrets"])
        assert valid(Vault(keys), row["secrets"], 0, *its) == [made["secret"]]
        old = SecretKey(keys.sealing, 0)
        new = SecretKeys(SecretKey(b"n" * 32, 1), old)
        assert await reseal(database, Vault(new), tenant.business_id) == 1
        assert await reseal(database, Vault(new), tenant.business_id) == 0
        (row,) = await database.rows(_SECRETS, tenant.business_id)
        alone = Vault(SecretKeys(SecretKey(b"n" * 32, 1)))
        assert valid(alone, row["secrets"], 0, *its) == [made["secret"]]
        # So that the servers can read it again.
        await reseal(database, Vault(SecretKeys(old, SecretKey(b"n" * 32, 0))), its[0])

    administer(tenant.stack.database_url, work)
