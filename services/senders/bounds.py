"""How many senders a tenant may have, and how often it may verify them."""

from prospectconnect.iam.v1.limits_pb2 import LimitHolder, LimitName

from services.bounds import Bound

SENDERS = Bound(
    name=LimitName.LIMIT_NAME_SENDERS,
    per=LimitHolder.LIMIT_HOLDER_TENANT,
    most=100,
    used="SELECT NULL, count(*) FROM senders"
    " WHERE business_id = $1 AND deleted_at IS NULL",
)
# Links that are mailed within 24 hours.
LINKS_OF_SENDER, LINKS_OF_TENANT = 5, 20
