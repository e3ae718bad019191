"""What a request for figures is read by."""

from dataclasses import dataclass

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.aggregates.expressions import is_changing
from services.faults import Faults
from services.kinds.own_fields import OwnFields
from services.kinds.record_type import Field, RecordType
from services.postgres.sql_parts import Parameters
from services.search.associated import Associations
from services.search.fields import filtered_field, refusal

LONGEST_NAME = 200
CHANGING = "A job is changing the type of the field. Ask again when it has ended."


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request is read by: the fields of its records, and those of others."""

    kind: RecordType
    own: OwnFields
    associations: Associations | None
    faults: Faults
    parameters: Parameters

    def field(self, name: str, path: str, use: str) -> Field | None:
        """A field of the records, None after a fault. Lists are among them."""
        found = filtered_field(self.kind, name, self.own)
        if found is None:
            message = refusal(self.kind, name, 3, use)
            self.faults.add(path, FaultCode.FAULT_CODE_INVALID_CHOICE, message)
        elif is_changing(found):
            self.faults.add(path, FaultCode.FAULT_CODE_INVALID, CHANGING)
            return None
        return found
