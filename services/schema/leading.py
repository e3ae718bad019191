"""What leads to the records of a custom object, which keeps it from being archived.

Each way is a query for the tenant $1 and the slug $2 that returns names. A new way to
lead to records is one more in `_WAYS`.
"""

from services.errors import ObjectInUse
from services.postgres.database import Transaction

# Fields of type `record`, but for those of objects that are archived themselves.
_FIELDS = """
SELECT f.object || '.' || f.key FROM fields AS f
WHERE f.business_id = $1 AND f.target = $2 AND NOT f.archived
  AND NOT EXISTS (SELECT FROM objects AS o WHERE o.business_id = $1
    AND o.slug = f.object AND o.archived)
"""
# Association types, in both directions, as long as the other object is not archived.
_TYPES = """
SELECT t.key FROM association_types AS t
WHERE t.business_id = $1 AND $2 IN (t.from_object, t.to_object) AND NOT t.archived
  AND NOT EXISTS (SELECT FROM objects AS o WHERE o.business_id = $1
    AND o.slug IN (t.from_object, t.to_object) AND o.slug <> $2 AND o.archived)
"""
_WAYS = (_FIELDS, _TYPES)

_USED_BY = f"""
SELECT name FROM ({" UNION ALL ".join(_WAYS)}) AS ways (name)
WHERE EXISTS (SELECT FROM records AS r
  WHERE r.business_id = $1 AND r.object = $2 AND r.deleted_at IS NULL)
ORDER BY name
"""


async def refuse_in_use(transaction: Transaction, business_id: str, slug: str) -> None:
    """Raises `ObjectInUse` if something leads to the records of an object.

    The tenant's row is locked: nothing can come to lead to them, and none is added.
    """
    rows = await transaction.rows(_USED_BY, business_id, slug)
    if rows:
        names = [str(row[0]) for row in rows]
        message = f"{', '.join(names[:3])} may hold ids of the records of {slug}."
        raise ObjectInUse(message, names)
