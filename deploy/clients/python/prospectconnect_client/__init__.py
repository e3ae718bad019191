"""The client of the ProspectConnect API.

It adds to the generated operations: safe retries, iteration over pages, and problems as
exceptions.
"""

from prospectconnect_client.answers import Answer
from prospectconnect_client.async_client import AsyncProspectConnect
from prospectconnect_client.batches import in_batches, in_batches_async
from prospectconnect_client.client import ProspectConnect
from prospectconnect_client.feeds import AsyncCursorStore, CursorFile, CursorStore
from prospectconnect_client.files import Exported, FileDiffers, JobFailed, Progress
from prospectconnect_client.hooks import Attempt, Hooks
from prospectconnect_client.moments import instant
from prospectconnect_client.problems import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    IdempotencyKeyReused,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    Problem,
    ProspectConnectError,
    RateLimited,
    RequestTimeout,
    ServerError,
    SlotTaken,
    Unauthorized,
    Unreachable,
    ValidationFailed,
)
from prospectconnect_client.retries import Retries
from prospectconnect_client.webhooks import (
    WebhookEvent,
    WebhookInvalid,
    verify_webhook,
)
from prospectconnect_contract.associations import AssociatedField, associated
from prospectconnect_contract.custom_fields import CustomField, custom_field
from prospectconnect_contract.external_ids import ExternalId, external_id
from prospectconnect_contract.operations import VERSION, Call, RateLimit, Response

__all__ = [
    "VERSION",
    "Answer",
    "AssociatedField",
    "AsyncCursorStore",
    "AsyncProspectConnect",
    "Attempt",
    "BadRequest",
    "Call",
    "Conflict",
    "CursorFile",
    "CursorStore",
    "CustomField",
    "Exported",
    "ExternalId",
    "FileDiffers",
    "Forbidden",
    "Gone",
    "Hooks",
    "IdempotencyKeyReused",
    "JobFailed",
    "NotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "Problem",
    "Progress",
    "ProspectConnect",
    "ProspectConnectError",
    "RateLimit",
    "RateLimited",
    "RequestTimeout",
    "Response",
    "Retries",
    "ServerError",
    "SlotTaken",
    "Unauthorized",
    "Unreachable",
    "ValidationFailed",
    "WebhookEvent",
    "WebhookInvalid",
    "associated",
    "custom_field",
    "external_id",
    "in_batches",
    "in_batches_async",
    "instant",
    "verify_webhook",
]
