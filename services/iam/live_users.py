"""The users of a sandbox are those of its live tenant: who may not be there any more,
may not be in its sandboxes.
"""


def stays(user: str = "u", tenant: str = "n") -> str:
    """SQL: a tenant has not ended, and a user of it is not gone from its live tenant.

    Gone is who was deactivated or deleted there. A user that the live tenant does not
    know was made in the sandbox, and stays. `user` and `tenant` are aliases of rows of
    `users` and `tenants`; nothing is looked up for tenants that are no sandboxes.
    """
    return f"""({tenant}.ends_at IS NULL OR {tenant}.ends_at > now())
  AND ({tenant}.sandbox_of IS NULL OR NOT EXISTS (
    SELECT FROM (SELECT {tenant}.sandbox_of AS business_id) AS live
    JOIN users AS w ON w.business_id = live.business_id AND w.id = {user}.id
    WHERE NOT w.active OR w.deleted_at IS NOT NULL))"""
