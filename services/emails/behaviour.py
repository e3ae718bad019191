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
    """The statement that puts a new e-mail into the queue, with its topic.

    The field is cleared once the topic is deleted. Then it is no personal message.
    """
    if before is not None or after is None or after.status != QUEUED:
        return None
    due = from_timestamp(after.send_at) if after.HasField("send_at") else None
    given = caller.business_id, after.sender_id, KIND_EMAIL, after.id, due
    return Around(after=[Command(*queue.addition(*given, after.topic_id))])


BEHAVIOUR: Behaviour[pb.Email] = Behaviour(around=around)
