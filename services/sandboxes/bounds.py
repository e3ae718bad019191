"""How many sandboxes a tenant may have, and how large their samples are."""

from prospectconnect.iam.v1.limits_pb2 import LimitHolder, LimitName

from services.bounds import Bound

SANDBOXES = Bound(
    name=LimitName.LIMIT_NAME_SANDBOXES,
    per=LimitHolder.LIMIT_HOLDER_TENANT,
    most=5,
    used="SELECT NULL, count(*) FROM sandboxes"
    " WHERE business_id = $1 AND deleted_at IS NULL",
)
# How many contacts a sample has where the request does not say.
DEFAULT_SAMPLE = 1_000
DEFAULT_DAYS = 7
# So many are made within 24 hours: those that are deleted already count too.
MOST_A_DAY = 50
MADE_TODAY = """
SELECT count(*) FROM sandboxes
WHERE business_id = $1 AND created_at > now() - interval '24 hours'
"""
# So many resets are asked for within an hour, of all sandboxes together.
RESETS_AN_HOUR = 10
# So many contacts are copied in one transaction, with what hangs on them.
AT_ONCE = 250
# The request that makes a sandbox copies for so long at most; the rest comes after it.
FILL_SECONDS = 2.0
