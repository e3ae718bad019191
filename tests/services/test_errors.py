"""Errors on the wire: code, reason and details; never more than a peer can take."""

from google.rpc.error_details_pb2 import BadRequest as BadRequestDetail
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.type.v1.errors_pb2 import ErrorReason, FaultCode

from services import errors
from services.batches.errors import DependencyFailed
from services.errors import (
    ScopeDenied,
    ServiceError,
    Unavailable,
    ValidationFailed,
)
from services.exports.errors import FilesGone
from services.faults import Fault
from services.files.stores import FileMissing
from services.gates.error_details import DETAIL_BYTES, DOMAIN, status_of
from services.iam.oauth.errors import OauthRefused

CODES = st.sampled_from([code for code in FaultCode.values() if code])
FAULTS = st.builds(Fault, st.text(max_size=400), CODES, st.text(max_size=300))


def read(status: Status) -> tuple[ErrorInfo, BadRequestDetail, RetryInfo]:
    found = (ErrorInfo(), BadRequestDetail(), RetryInfo())
    for packed in status.details:
        assert sum(packed.Unpack(each) for each in found) == 1
    return found


def kinds(root: type[ServiceError]) -> list[type[ServiceError]]:
    return [root, *(each for kind in root.__subclasses__() for each in kinds(kind))]


def test_every_reason_has_an_error() -> None:
    found = kinds(ServiceError)
    of_other_rooms = {DependencyFailed, FileMissing, FilesGone, OauthRefused}
    assert of_other_rooms <= set(found)
    reasons = {kind.reason for kind in found}
    unused = set(ErrorReason.values()) - reasons
    assert unused == {ErrorReason.ERROR_REASON_UNSPECIFIED}
    drawn = errors.__doc__ or ""
    assert all(kind.__name__ in drawn for kind in found)


def test_an_error_tells_its_reason_and_its_domain() -> None:
    status = status_of(ScopeDenied("No.", "deal.write"))
    info, _, _ = read(status)
    assert (status.message, info.reason, info.domain) == ("No.", "SCOPE_DENIED", DOMAIN)
    assert dict(info.metadata) == {"permission": "deal.write"}


def test_what_passes_by_itself_says_when_to_try_again() -> None:
    _, _, retry = read(status_of(Unavailable()))
    assert retry.retry_delay.seconds == 1


def test_one_fault_is_the_message_and_several_are_counted() -> None:
    fault = Fault("a.b", FaultCode.FAULT_CODE_TOO_LONG, "Too long.")
    assert status_of(ValidationFailed([fault])).message == "Too long."
    several = status_of(ValidationFailed([fault, fault]))
    assert several.message == "2 fields failed validation."


@given(st.lists(FAULTS, min_size=1, max_size=60))
def test_the_details_fit_and_what_does_not_is_counted(faults: list[Fault]) -> None:
    status = status_of(ValidationFailed(faults))
    info, detail, _ = read(status)
    shown = detail.field_violations
    assert sum(each.ByteSize() for each in status.details) < DETAIL_BYTES + 512
    assert len(shown) + int(info.metadata.get("omitted", 0)) == len(faults)
    assert ("omitted" in info.metadata) == (len(shown) < len(faults))
    for fault, violation in zip(faults, shown, strict=False):
        assert violation.field == fault.field[:256]
        assert f"FAULT_CODE_{violation.reason}" == FaultCode.Name(fault.code)
        assert violation.description == fault.message


def test_many_faults_leave_few_out() -> None:
    fault = Fault("f" * 40, FaultCode.FAULT_CODE_TOO_LONG, "m" * 40)
    info, detail, _ = read(status_of(ValidationFailed([fault] * 500)))
    assert len(detail.field_violations) > 50
    assert int(info.metadata["omitted"]) == 500 - len(detail.field_violations)
