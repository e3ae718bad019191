"""Errors as gRPC sends them: a status with its details (AIP-193)."""

from collections.abc import Sequence

from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import BadRequest as BadRequestDetail
from google.rpc.error_details_pb2 import ErrorInfo, ResourceInfo, RetryInfo
from google.rpc.status_pb2 import Status
from prospectconnect.type.v1.errors_pb2 import ErrorReason, FaultCode

from services.errors import OperationFailed, ServiceError, ValidationFailed
from services.faults import Fault

DOMAIN = "prospectconnect.ai"

# gRPC answers RESOURCE_EXHAUSTED if the error details exceed about 8 KiB.
DETAIL_BYTES = 6 * 1024

_REASON_PREFIX = len("ERROR_REASON_")
_FAULT_PREFIX = len("FAULT_CODE_")


def status_of(error: ServiceError) -> Status:
    """Packs an error as `google.rpc.Status` with its details (AIP-193)."""
    info = ErrorInfo(
        reason=ErrorReason.Name(error.reason)[_REASON_PREFIX:],
        domain=DOMAIN,
        metadata=error.metadata(),
    )
    status = Status(code=error.code, message=error.message)
    if isinstance(error, ValidationFailed | OperationFailed):
        status.details.extend(map(_packed, _violations(error.faults, info)))
    if error.retry_seconds:
        retry = RetryInfo()
        retry.retry_delay.seconds = error.retry_seconds
        status.details.append(_packed(retry))
    status.details.insert(0, _packed(info))
    return status


def _violations(
    faults: Sequence[Fault], info: ErrorInfo
) -> list[BadRequestDetail | ResourceInfo]:
    """Packs the faults that fit. `omitted` in the metadata counts the others.

    A record that has a value already is a `ResourceInfo`, whose description is the
    path of the fault.
    """
    detail, holders = BadRequestDetail(), []
    room = DETAIL_BYTES
    for index, fault in enumerate(faults):
        violation = BadRequestDetail.FieldViolation(
            field=fault.field[:256],
            reason=FaultCode.Name(fault.code)[_FAULT_PREFIX:],
            description=fault.message,
        )
        holder = ResourceInfo(
            resource_type=fault.resource,
            resource_name=fault.holder,
            description=violation.field if fault.holder else "",
        )
        room -= violation.ByteSize() + holder.ByteSize() + 8
        if room < 0:
            info.metadata["omitted"] = str(len(faults) - index)
            break
        detail.field_violations.append(violation)
        if fault.holder:
            holders.append(holder)
    return [detail, *holders]


def _packed(detail: ErrorInfo | BadRequestDetail | ResourceInfo | RetryInfo) -> Any:
    packed = Any()
    packed.Pack(detail)
    return packed
