"""The list of all kinds of records, each with its behaviour."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from prospectconnect.crm.v1.activities_pb2 import Activity
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.crm.v1.notes_pb2 import Note
from prospectconnect.crm.v1.pipelines_pb2 import Pipeline
from prospectconnect.crm.v1.tasks_pb2 import Task
from prospectconnect.iam.v1.users_pb2 import User

from services.crm import activities, contacts, deals, notes, tasks
from services.kinds.record_type import record_types
from services.records.behaviour import Behaviour
from services.records.compiled import CompiledKind, compile_kind

# A kind comes after the kinds that it refers to. Records are always locked in this
# order, so that no two calls wait for each other.
BEHAVIOURS: dict[type[Message], Behaviour[Any]] = {
    User: Behaviour(),
    Pipeline: Behaviour(),
    Company: Behaviour(),
    Contact: contacts.BEHAVIOUR,
    Deal: deals.BEHAVIOUR,
    Task: tasks.BEHAVIOUR,
    Note: notes.BEHAVIOUR,
    Activity: activities.BEHAVIOUR,
}
KINDS = tuple(BEHAVIOURS)

CompiledKinds = Mapping[str, CompiledKind[Any]]


def compile_kinds() -> CompiledKinds:
    """Compiles every kind of record with its behaviour. The keys are resources."""
    kinds = record_types(BEHAVIOURS)
    return {
        kind.resource: compile_kind(kind, kinds, BEHAVIOURS[kind.message])
        for kind in kinds.values()
    }
