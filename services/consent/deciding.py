"""Whether somebody may be written to about a topic.

One function decides it, from what is known of a contact. It reads nothing.
"""

from dataclasses import dataclass

from prospectconnect.engagement.v1 import consents_pb2, topics_pb2

Reason = topics_pb2.RefusalReason

_GRANTED = consents_pb2.CONSENT_STATUS_GRANTED
_DENIED = consents_pb2.CONSENT_STATUS_DENIED
_REQUIRES_NOTHING = topics_pb2.TOPIC_REQUIREMENT_LEGITIMATE_INTEREST


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a contact: whether it has an address, and it is suppressed.

    `status` is that of its newest consent to the topic, None without a consent.
    """

    has_email: bool
    is_suppressed: bool
    status: int | None


def refusal(requires: int, known: Known) -> Reason.ValueType | None:
    """Why a contact may not be written to; None if it may.

    `requires` is what the topic requires.
    """
    if not known.has_email:
        return Reason.REFUSAL_REASON_NO_EMAIL
    if known.is_suppressed:
        return Reason.REFUSAL_REASON_SUPPRESSED
    if known.status == _DENIED:
        return Reason.REFUSAL_REASON_DENIED
    if known.status == _GRANTED or requires == _REQUIRES_NOTHING:
        return None
    return Reason.REFUSAL_REASON_NOT_GRANTED
