"""How many webhooks a tenant may have."""

from prospectconnect.iam.v1.limits_pb2 import LimitHolder, LimitName

from services.bounds import Bound

# An app leaves room for others.
MOST_OF_AN_APP = 10
WEBHOOKS = Bound(
    name=LimitName.LIMIT_NAME_WEBHOOKS,
    per=LimitHolder.LIMIT_HOLDER_TENANT,
    most=20,
    used="SELECT NULL, count(*) FROM webhooks"
    " WHERE business_id = $1 AND deleted_at IS NULL",
)
