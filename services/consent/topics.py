"""The methods of topics that are not standard."""

from typing import Any

from prospectconnect.engagement.v1 import topics_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import current_call
from services.consent.finding import check, seen_by
from services.errors import ValidationFailed
from services.faults import Fault
from services.records.engine import Records
from services.sealed.secret_keys import SecretKeys


class TopicMethods:
    """Tells who may be written to about a topic."""

    def __init__(self, records: Records[pb.Topic], keys: SecretKeys) -> None:
        self._records, self._keys = records, keys

    async def CheckTopic(
        self, request: pb.CheckTopicRequest, _: Any
    ) -> pb.CheckTopicResponse:
        caller, records = current_call().caller, self._records
        topic = await records.get(caller, request.id)
        found = await check(
            records.database,
            caller.business_id,
            topic,
            request.contact_ids,
            self._keys.opening,
            seen_by(caller, records.kinds),
        )
        _refuse_missing(request, {each.place for each in found})
        answer = pb.CheckTopicResponse()
        for each in found:
            told = answer.data.add(contact_id=each.contact_id)
            told.allowed = each.reason is None
            if each.reason is not None:
                told.reason = each.reason
            if each.suppression_id is not None:
                told.suppression_id = each.suppression_id
        return answer


def _refuse_missing(request: pb.CheckTopicRequest, found: set[int]) -> None:
    code = FaultCode.FAULT_CODE_NOT_FOUND
    faults = [
        Fault(f"contact_ids[{place}]", code, f"There is no contact `{each[:64]}`.")
        for place, each in enumerate(request.contact_ids)
        if place not in found
    ]
    if faults:
        raise ValidationFailed(faults)
