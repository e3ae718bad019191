"""A request of a few megabytes is not walked to its end, nor told fault by fault."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import (
    Contact,
    CreateContactRequest,
    SearchContactsRequest,
    UpdateContactRequest,
)
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.faults import MOST_FAULTS, Faults, TooManyFaults
from services.kinds.descriptors import record_type
from services.kinds.masks import written_paths
from services.kinds.rules import compile_check
from services.postgres.sql_parts import Parameters
from services.search.filters import MOST_CONDITIONS, FilterCompiler

KIND = record_type(Contact)
MANY = 200_000


class Counted(list[Filter]):
    """Filters that tell how many of them were looked at."""

    seen = 0

    def __iter__(self) -> Iterator[Filter]:
        for item in super().__iter__():
            self.seen += 1
            yield item


def found(request: Any) -> list[tuple[str, int]]:
    faults = Faults()
    with suppress(TooManyFaults):
        compile_check(request.DESCRIPTOR)(request, "", faults)
    return [(fault.field, fault.code) for fault in faults.found]


def test_no_more_faults_are_kept_than_are_told() -> None:
    faults = Faults()
    with suppress(TooManyFaults):
        for number in range(MANY):
            faults.add(f"tags[{number}]", FaultCode.FAULT_CODE_INVALID, "Wrong.")
    assert len(faults.found) == MOST_FAULTS


def test_filters_beyond_the_bound_are_not_looked_at() -> None:
    faults, filters = Faults(), Counted(Filter() for _ in range(MANY))
    assert FilterCompiler(KIND, faults, Parameters()).all(filters) == []
    assert filters.seen == MOST_CONDITIONS + 1
    assert faults.found[-1].code == FaultCode.FAULT_CODE_TOO_MANY


def test_a_group_beyond_the_bound_is_not_compiled() -> None:
    group = Filter(any=[Filter(field="email", operator=Operator.OPERATOR_EQ)] * MANY)
    request = SearchContactsRequest(filters=[group])
    faults = Faults()
    FilterCompiler(KIND, faults, Parameters()).all(request.filters)
    assert len(faults.found) <= MOST_CONDITIONS + 1


@pytest.mark.parametrize("text", ["", "a\0", "same"])
def test_a_list_far_too_long_is_one_fault(text: str) -> None:
    request = CreateContactRequest(contact=Contact(phone="112", tags=[text] * MANY))
    assert found(request) == [("contact.tags", FaultCode.FAULT_CODE_TOO_MANY)]


def test_a_mask_far_too_long_is_one_fault() -> None:
    request = UpdateContactRequest()
    request.update_mask.paths.extend(["nothing"] * MANY)
    assert found(request) == [("update_mask", FaultCode.FAULT_CODE_TOO_MANY)]


def test_a_path_that_a_mask_repeats_is_written_once() -> None:
    request = UpdateContactRequest(contact=Contact(tags=["a"]))
    request.update_mask.paths.extend(["tags", "city", "tags"])
    assert written_paths(KIND, request) == ["tags", "city"]
