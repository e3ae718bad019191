"""What e-mails add to the engine: one that is queued is in the queue of mail.

The queue is written in the transaction of the e-mail, so neither is there alone.
"""

from prospectconnect.engagement.v1 import emails_pb2 as pb

from services.caller import Caller
from services.clock import from_timestamp
from services.errors import WrongState
from services.mailing import queue
from services.mailing.kinds import KIND_EMAIL
from services.records.behaviour import Behaviour
from services.records.commands import Around, Command

QUEUED = pb.EMAIL_STATUS_QUEUED
# How an e-mail that was in the queue can end by itself.
ENDED = (
    pb.EMAIL_STATUS_SENT,
    pb.EMAIL_STATUS_UNCERTAIN,
    pb.EMAIL_STATUS_BOUNCED,
    pb.EMAIL_STATUS_SUPPRESSED,
    pb.EMAIL_STATUS_FAILED,
)

# The member of the column `external` that holds the topic. The field is cleared once
# the topic is deleted, and then the e-mail is no personal message.
TOPIC = "topic"
_KEEP_TOPIC = f"""
UPDATE emails SET external = jsonb_build_object('{TOPIC}', $3::text)
WHERE business_id = $1 AND id = $2
"""


def name_of(status: int) -> str:
    """A status as public JSON writes it."""
    name = pb.EmailStatus.Name(status)  # type: ignore[arg-type]  # a number of it
    return name.removeprefix("EMAIL_STATUS_").lower()


def check_queued(email: pb.Email) -> None:
    """Raises `WrongState` unless an e-mail still waits."""
    if email.status != QUEUED:
        raise WrongState(
            f"The e-mail is {name_of(email.status)}. Only one that is queued can be"
            " cancelled."
        )


def around(
    caller: Caller, before: pb.Email | None, after: pb.Email | None
) -> Around | None:
    """The statements that put a new e-mail into the queue, and keep its topic."""
    if before is not None or after is None or after.status != QUEUED:
        return None
    its = caller.business_id, after.id
    due = from_timestamp(after.send_at) if after.HasField("send_at") else None
    given = caller.business_id, after.sender_id, KIND_EMAIL, after.id, due
    statements = [Command(*queue.addition(*given))]
    if after.topic_id:
        statements.append(Command(_KEEP_TOPIC, (*its, after.topic_id)))
    return Around(after=statements)


BEHAVIOUR: Behaviour[pb.Email] = Behaviour(around=around)
