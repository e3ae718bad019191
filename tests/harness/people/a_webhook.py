"""A webhook that has delivered, for suites that ask every operation of every kind."""

from prospectconnect.events.v1 import webhooks_pb2 as pb

from services.ids import new_id
from services.postgres.database import Database

_PUT = f"""
WITH made AS (
  INSERT INTO webhooks (business_id, id, url, types, filters, include, contract,
    ordered, active, disabled_reason, created_at, updated_at, created_by)
  VALUES ($1, $2, 'https://example.com/gone/' || $2, '{{contact.*}}', '[]', '{{}}',
    '2026-11-01', true, false, {int(pb.DISABLED_REASON_GONE)}, now(), now(), $3)
  RETURNING business_id, id
), queue AS (
  INSERT INTO webhook_queues (business_id, webhook_id, secrets, position, due_at)
  SELECT business_id, id, '[]', '0 0 0 ', now() FROM made
)
INSERT INTO deliveries (business_id, id, webhook_id, change_id, change_type, resource,
  record_id, record_version, change_at, state, attempts, attempt_count, created_at,
  ended_at)
SELECT business_id, $4, id, $5, 'contact.created', 'contacts', $6, 1, now(),
  {int(pb.DELIVERY_STATE_GIVEN_UP)}, jsonb_build_array(jsonb_build_object(
    'at', 850000000000000, 'status', 410, 'duration_ms', 84, 'answer', 'Gone',
    'error', NULL)), 1, now(), now()
FROM made
"""


async def put_webhook(database: Database, business_id: str, user_id: str) -> str:
    """Gives a tenant a webhook that a user made, with one delivery. Returns its id."""
    webhook_id, delivery = new_id("whk_"), new_id("dlv_")
    about = new_id("chg_"), new_id("con_")
    await database.run(_PUT, business_id, webhook_id, user_id, delivery, *about)
    return webhook_id
