"""The statements that write the rows of sandboxes, and of the tenants that they are."""

from prospectconnect.iam.v1.sandboxes_pb2 import (
    SANDBOX_STATE_FILLING,
    SANDBOX_STATE_READY,
)

# Tells a new sandbox which tenant it is. Values: business, id, its tenant.
TENANT_IS = f"""
UPDATE sandboxes SET tenant_id = $3, is_open = state <> {SANDBOX_STATE_READY}
WHERE business_id = $1 AND id = $2
"""
# A tenant that is a sandbox. Values: its id, name, requests, seconds, the live tenant,
# when it ends.
CREATE_TENANT = """
INSERT INTO tenants (business_id, name, limit_requests, limit_seconds, currency,
  sandbox_of, ends_at, schema_generation, has_dashboard, slug)
SELECT $1, $2, $3, $4, currency, $5, $6, 0, false, 'sandbox-' || substr($1, 5)
FROM tenants WHERE business_id = $5
"""
# Ends a sandbox at once; what is left of it is deleted soon. Values: business, id.
END = """
WITH ended AS (
  UPDATE sandboxes SET is_open = true WHERE business_id = $1 AND id = $2
  RETURNING tenant_id AS business_id
)
UPDATE tenants AS t SET ends_at = now() FROM ended
WHERE t.business_id = ended.business_id
"""
# A row if there is something to do for one. Values: business, id.
IS_OPEN = "SELECT 1 FROM sandboxes WHERE business_id = $1 AND id = $2 AND is_open"
# Values: business, id.
OPEN = "UPDATE sandboxes SET is_open = true WHERE business_id = $1 AND id = $2"
# Sandboxes with something to do, of all tenants.
DUE = """
SELECT business_id, id FROM sandboxes
WHERE is_open OR (deleted_at IS NULL AND expires_at <= now()) LIMIT 100
"""
# How many there are, of all tenants, by state and by whether they are being deleted.
COUNT = """
SELECT state, deleted_at IS NOT NULL, count(*) FROM sandboxes
WHERE tenant_id IS NOT NULL GROUP BY 1, 2
"""
# Locks one of them, unless another process has it. Values: business, id.
TAKE = """
SELECT tenant_id, state, copy, seed, sample, filled,
  deleted_at IS NOT NULL AS is_deleted
FROM sandboxes WHERE business_id = $1 AND id = $2
  AND (is_open OR (deleted_at IS NULL AND expires_at <= now()))
FOR UPDATE SKIP LOCKED
"""
# Deletes one that has expired. Values: business, id.
EXPIRE = """
UPDATE sandboxes SET deleted_at = now(), version = version + 1, is_open = true
WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL AND expires_at <= now()
"""
# Values: business, id.
GONE = """
UPDATE sandboxes SET is_open = false, tenant_id = NULL
WHERE business_id = $1 AND id = $2
"""
# Notes how many contacts were copied, and whether that is all. Values: business, id,
# how many, whether all.
FILLED = f"""
UPDATE sandboxes SET filled = $3::int, is_open = NOT $4::boolean,
  state = CASE WHEN $4 THEN {SANDBOX_STATE_READY} ELSE {SANDBOX_STATE_FILLING} END,
  version = version + CASE WHEN $4 THEN 1 ELSE 0 END, updated_at = now()
WHERE business_id = $1 AND id = $2
"""
# A sandbox that was cleared begins anew. Values: its tenant.
BEGIN_ANEW = """
UPDATE tenants SET has_dashboard = false, has_merges = false, changes_since = now(),
  clock_ahead = 0, resetting_since = NULL
WHERE business_id = $1
"""
# Callers are remembered for less than this: after it, nobody takes a sandbox that is
# reset for what it was before.
_KNOWN_AS_BEFORE = "interval '500 milliseconds'"
# Waits for all writes that hold the tenant, and keeps others out. Values: its tenant.
HOLD = f"""
SELECT resetting_since IS NOT NULL AS is_shut,
  resetting_since <= now() - {_KNOWN_AS_BEFORE} AS is_known
FROM tenants WHERE business_id = $1 FOR UPDATE
"""
# From now on no call writes that began before. Values: its tenant.
SHUT = """
UPDATE tenants SET resets = resets + 1, resetting_since = now() WHERE business_id = $1
"""
