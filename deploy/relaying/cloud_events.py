"""A change as a CloudEvent in binary mode: attributes in headers, the rest as data."""

from dataclasses import dataclass
from typing import Any

import orjson
from prospectconnect.crm.v1.changes_pb2 import Change

from edge.transcoder.encode import compile_encoder
from services.clock import from_timestamp, rfc3339

# What is left out of a change that is larger than the server takes.
_LARGE = ("changed", "state")


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """An event: where it goes, its headers and its data."""

    subject: str
    headers: dict[str, str]
    data: bytes


class CloudEvents:
    """Makes events of changes. The data are as `POST /v1/changes/read` has them."""

    def __init__(self, prefix: str) -> None:
        """Subjects begin with `prefix`."""
        self._prefix = prefix
        self._encode = compile_encoder(Change.DESCRIPTOR)

    def of(self, business_id: str, change: Change) -> CloudEvent:
        """The event of a tenant's change."""
        return self._event(business_id, change, self._encode(change))

    def thin(self, business_id: str, change: Change) -> CloudEvent:
        """The same without what may be large."""
        told = self._encode(change)
        kept = {name: value for name, value in told.items() if name not in _LARGE}
        return self._event(business_id, change, kept | {"truncated": True})

    def _event(self, business_id: str, change: Change, told: Any) -> CloudEvent:
        resource, verb = change.record.resource, change.type.rpartition(".")[2]
        headers = {
            "ce-specversion": "1.0",
            "ce-id": change.id,
            "ce-source": f"/{self._prefix}/{business_id}",
            "ce-type": change.type,
            "ce-subject": f"{resource}/{change.record.id}",
            "ce-time": rfc3339(from_timestamp(change.at)),
            "content-type": "application/json",
        }
        if change.trace_id:
            headers["ce-traceid"] = change.trace_id
        subject = f"{self._prefix}.{business_id}.{resource}.{verb}"
        return CloudEvent(subject, headers, orjson.dumps(told))
