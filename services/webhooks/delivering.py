"""What delivers to webhooks, put together from what the services have."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from prospectconnect.events.v1 import webhooks_pb2 as pb

from services.caller import NOBODY, Call
from services.clock import now
from services.delivering.addresses import Addresses
from services.delivering.deliverer import Deliverer
from services.delivering.figures import DeliveryFigures
from services.delivering.places import Places
from services.delivering.sending import Sender
from services.delivering.serving import Parts, Reason
from services.delivering.signing import key_of
from services.delivering.telling import Render, Telling
from services.delivering.webhook import Webhook
from services.errors import NotFound
from services.postgres.database import Database
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.schemas import Schemas
from services.sealed.secret_keys import WEBHOOKS, SecretKeys
from services.sealed.vault import Vault
from services.settings import ServiceSettings
from services.webhooks import secrets


class Delivering:
    """What a process sends with: the address policy, the sender, what opens secrets.

    `render` writes changes; without it nothing is sent.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        keys: Mapping[str, SecretKeys],
        render: Render | None,
    ) -> None:
        self.addresses = Addresses(
            allows_private=settings.webhooks_private_addresses,
            own_ports=settings.own_ports,
        )
        self.sender = Sender(self.addresses)
        self.places = Places()
        self.figures = DeliveryFigures()
        self.render = render
        self._vault = Vault(keys[WEBHOOKS])

    def telling(
        self,
        database: Database,
        kinds: Mapping[str, CompiledKind[Any]],
        schemas: Schemas,
    ) -> Telling:
        """What tells changes to webhooks; without `render` with empty bodies."""
        every = {name: Records(database, each, schemas) for name, each in kinds.items()}
        return Telling(database, every, schemas, self.render or (lambda *_: b""))

    def deliverer(
        self, database: Database, telling: Telling, records: Records[pb.Webhook]
    ) -> Deliverer | None:
        """What serves the webhooks of all tenants; `records` are the webhooks."""
        if self.render is None:
            return None
        parts = Parts(
            database=database,
            telling=telling,
            sender=self.sender,
            places=self.places,
            keys=lambda its, sealed: self.keys(its.business_id, its.id, sealed),
            disable=_Disabling(records).disable,
            figures=self.figures,
        )
        return Deliverer(parts)

    def keys(self, business_id: str, webhook_id: str, sealed: Any) -> list[bytes]:
        """The keys that sign the requests of a webhook now, of its sealed secrets."""
        found = secrets.valid(self._vault, sealed, now(), business_id, webhook_id)
        return [key_of(each) for each in found]


class _Disabling:
    """Makes webhooks inactive, as their owners would."""

    def __init__(self, records: Records[pb.Webhook]) -> None:
        self._records = records

    async def disable(self, webhook: Webhook, reason: Reason) -> None:
        """Makes one inactive, and says why. One that is already stays as it is."""

        def change(found: pb.Webhook) -> None:
            if found.active:
                found.active, found.disabled_reason = False, reason

        call = Call(replace(NOBODY, business_id=webhook.business_id))
        with suppress(NotFound):
            await self._records.update(call, webhook.id, change)
