"""Turns about addresses: who suppresses one waits for the mail that goes to it now.

No two suppressions share an address, so each takes the address as a unique value. Who
has taken that value first lets others wait until the end of the transaction. It is
given back in the same transaction, so nobody else ever sees it.
"""

from services.kinds.field_rules import lowered
from services.postgres.database import Transaction

# As `services/records/values/unique_values.py` writes it. Values: business, the address
# in lower case, and what nothing has as its id.
_TAKE = """
INSERT INTO unique_values (business_id, object, key, value, record_id)
VALUES ($1, 'suppressions', 'address', $2, $3) ON CONFLICT DO NOTHING
"""
_GIVE_BACK = """
DELETE FROM unique_values WHERE business_id = $1 AND object = 'suppressions'
  AND key = 'address' AND value = $2 AND record_id = $3
"""
_NOBODY = "turn"


async def take_turn(transaction: Transaction, business_id: str, address: str) -> None:
    """Waits for who suppresses an address, and lets others wait."""
    its = business_id, lowered(address), _NOBODY
    await transaction.run(_TAKE, *its)
    await transaction.run(_GIVE_BACK, *its)
