"""Update masks over gRPC (AIP-134): what they name is written, all else stays."""

from collections.abc import Iterator
from dataclasses import dataclass

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import given, settings
from hypothesis import strategies as st
from prospectconnect.crm.v1 import contacts_pb2 as pb
from prospectconnect.crm.v1.contacts_pb2_grpc import ContactServiceStub

from tests.harness.hostile import strategies
from tests.harness.wire.grpc_calls import Refusal, bearer, refusal, refused
from tests.stacks import Stack
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

OK = grpc.StatusCode.OK


@dataclass(frozen=True, slots=True)
class Updates:
    """A contact with something in most of its fields, and how to update it."""

    stub: ContactServiceStub
    metadata: tuple[tuple[str, str], ...]
    before: pb.Contact

    def request(self, contact: pb.Contact, *paths: str) -> pb.UpdateContactRequest:
        mask = FieldMask(paths=paths)
        return pb.UpdateContactRequest(
            id=self.before.id, contact=contact, update_mask=mask
        )

    def write(self, contact: pb.Contact, *paths: str) -> pb.Contact:
        """Updates, and returns the contact as a later read has it."""
        request = self.request(contact, *paths)
        answer = self.stub.UpdateContact(request, metadata=self.metadata, timeout=60)
        assert self.read() == answer
        return answer

    def read(self) -> pb.Contact:
        request = pb.GetContactRequest(id=self.before.id)
        return self.stub.GetContact(request, metadata=self.metadata, timeout=60)

    def code(self, request: pb.UpdateContactRequest) -> grpc.StatusCode:
        """Updates, and returns how that went."""
        try:
            self.stub.UpdateContact(request, metadata=self.metadata, timeout=60)
        except grpc.RpcError as error:
            return refusal(error, sent=" ".join(request.update_mask.paths)).code
        return OK

    def refused(self, contact: pb.Contact, *paths: str) -> Refusal:
        """Makes an update that must fail, and change nothing."""
        update, request = self.stub.UpdateContact, self.request(contact, *paths)
        found = refused(update, request, metadata=self.metadata)
        assert found.code is grpc.StatusCode.INVALID_ARGUMENT
        assert self.read() == self.before
        return found

    def changed(self, **fields: object) -> pb.Contact:
        """The contact as it was, but for some fields; None for a cleared one."""
        contact = pb.Contact()
        contact.CopyFrom(self.before)
        for name, value in fields.items():
            contact.ClearField(name)  # type: ignore[arg-type]  # any name
            if value is not None:
                one = pb.Contact(**{name: value})  # type: ignore[arg-type]  # any name
                contact.MergeFrom(one)
        return contact


@pytest.fixture
def updates(stack: Stack, tenant: Tenant) -> Iterator[Updates]:
    contact = pb.Contact(
        first_name="Ada",
        last_name="Lovelace",
        email="ada@example.com",
        phone="+44 20 7946",
        job_title="Countess",
        lifecycle_stage=pb.LIFECYCLE_STAGE_CUSTOMER,
        lead_score=42,
        tags=["first", "second"],
    )
    contact.custom_fields.update({"plan": "gold", "seats": 3})
    metadata = bearer(tenant.tokens["owner"])
    with grpc.insecure_channel(stack.grpc) as channel:
        stub = ContactServiceStub(channel)
        request = pb.CreateContactRequest(contact=contact)
        made = stub.CreateContact(request, metadata=metadata, timeout=60)
        yield Updates(stub, metadata, made)


def same(found: pb.Contact, expected: pb.Contact) -> None:
    """Holds two contacts against each other, but for when they were changed."""
    for each in (found, expected):
        each.ClearField("updated_at")
        each.ClearField("etag")
    assert found == expected


def test_the_mask_alone_says_what_is_written(updates: Updates) -> None:
    given = pb.Contact(job_title="Analyst", city="London", lead_score=1)
    same(updates.write(given, "city"), updates.changed(city="London"))


def test_without_a_mask_all_that_is_set_is_written(updates: Updates) -> None:
    given = pb.Contact(job_title="Analyst", tags=["third"])
    given.custom_fields["seats"] = 4
    expected = updates.changed(job_title="Analyst", tags=["third"])
    expected.custom_fields["seats"] = 4  # the other key stays
    same(updates.write(given), expected)


def test_without_a_mask_an_empty_text_clears(updates: Updates) -> None:
    same(updates.write(pb.Contact(phone="")), updates.changed(phone=None))


def test_an_empty_update_changes_nothing(updates: Updates) -> None:
    assert updates.write(pb.Contact()) == updates.before


def test_a_field_that_the_mask_names_and_nobody_sets_is_cleared(
    updates: Updates,
) -> None:
    found = updates.write(pb.Contact(), "phone", "job_title", "tags")
    same(found, updates.changed(phone=None, job_title=None, tags=None))


def test_a_cleared_field_with_a_default_has_it_again(updates: Updates) -> None:
    found = updates.write(pb.Contact(), "lifecycle_stage", "lead_score")
    assert found.lifecycle_stage == pb.LIFECYCLE_STAGE_LEAD
    assert found.lead_score == 0


def test_one_custom_field_is_written_or_removed_by_its_key(updates: Updates) -> None:
    given = pb.Contact()
    given.custom_fields.update({"plan": "basic", "new": True, "other": 1})
    found = updates.write(
        given, "custom_fields.plan", "custom_fields.new", "custom_fields.seats"
    )
    assert dict(found.custom_fields) == {"plan": "basic", "new": True}


def test_custom_fields_as_a_whole_are_replaced(updates: Updates) -> None:
    given = pb.Contact()
    given.custom_fields["only"] = "this"
    found = updates.write(given, "custom_fields")
    assert dict(found.custom_fields) == {"only": "this"}


@pytest.mark.parametrize(
    "path",
    ["nickname", "*", "", "email.x", "tags.0", ".email", "contact.email", "etag"],
)
def test_a_path_to_no_field_is_refused(updates: Updates, path: str) -> None:
    found = updates.refused(pb.Contact(email="new@example.com"), "email", path)
    assert found.reason == "VALIDATION_FAILED"
    assert found.faults in (
        {"update_mask": "INVALID_CHOICE"},
        {f"contact.{path}": "READ_ONLY"},
    )


@pytest.mark.parametrize("path", ["id", "name", "created_at", "last_contacted_at"])
def test_a_path_to_a_read_only_field_is_refused(updates: Updates, path: str) -> None:
    found = updates.refused(pb.Contact(email="new@example.com"), "email", path)
    assert found.faults == {f"contact.{path}": "READ_ONLY"}


def test_a_contact_keeps_one_way_to_be_reached(updates: Updates) -> None:
    found = updates.refused(pb.Contact(), "email", "phone")
    assert found.faults == {"contact.email": "REQUIRED"}


def test_a_value_in_the_mask_is_held_against_its_rule(updates: Updates) -> None:
    found = updates.refused(pb.Contact(lead_score=101), "lead_score")
    assert found.faults == {"contact.lead_score": "TOO_LARGE"}


def test_any_mask_is_answered(updates: Updates) -> None:
    paths = st.one_of(
        st.sampled_from(strategies.FIELDS),
        strategies.plain.map(lambda key: f"custom_fields.{key}"),
        strategies.plain,
    )

    @settings(deadline=None)
    @given(st.lists(paths, max_size=3))
    def shoot(mask: list[str]) -> None:
        request = updates.request(pb.Contact(email="ada@example.com"), *mask)
        assert updates.code(request) in (OK, grpc.StatusCode.INVALID_ARGUMENT)

    shoot()
