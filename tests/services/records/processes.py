"""Processes that know a tenant's schema, each as of the time when it looked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.caller import Call, Caller
from services.every_kind import compile_kinds
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas

KINDS = compile_kinds()


@dataclass(frozen=True, slots=True)
class Process:
    """What one process knows, and a tenant's caller whose token it looked up."""

    database: Database
    schemas: Schemas
    contacts: Records[Contact]

    def call(self, who: Caller) -> Call:
        return Call(who)


def process(database: Database) -> Process:
    schemas = Schemas(database, KINDS["field"].kind)
    return Process(database, schemas, Records(database, KINDS["contact"], schemas))


Scenario = Callable[[Process, Caller], Awaitable[None]]
