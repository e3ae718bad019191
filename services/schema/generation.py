"""The generation of a tenant's schema, which every change of the schema counts up.

A change locks the tenant's row first, so that no write that was checked by the old
schema commits after it.
"""

LOCK = "SELECT 1 FROM tenants WHERE business_id = $1 FOR UPDATE"
# Keeps other such changes out, but no writes of records.
LOCK_OUT = "SELECT 1 FROM tenants WHERE business_id = $1 FOR NO KEY UPDATE"
COUNT_UP = """
UPDATE tenants SET schema_generation = schema_generation + 1 WHERE business_id = $1
"""
