"""Mistakes in the demonstration data, for newcomers to find and to undo.

Some people and companies are there twice. Two contacts were merged, and a company with
its contacts was deleted: by the engine itself, at the time of the load, as both can be
undone for a month.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from random import Random
from typing import Any

from google.protobuf.message import Message
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import (
    Contact,
    MergeContactRequest,
    MergeContactResponse,
)
from prospectconnect.crm.v1.merges_pb2 import Merge
from prospectconnect.schema.v1.fields_pb2 import Field

from deploy.demo.log import copy_log
from deploy.demo.scene import Relation, Scene
from deploy.demo.timeline import created
from deploy.demo.twins import Originals, mistaken, twin_of, twins
from deploy.demo.work import note, open_task
from services import roles
from services.caller import Call, Caller
from services.clock import from_timestamp
from services.every_kind import compile_kinds
from services.kinds.descriptors import record_type
from services.merging.merging import Merging
from services.postgres.database import Database
from services.records.bulk import copy_in, rows_of
from services.records.engine import Records
from services.records.rows import RowCodec
from services.records.schemas import Schemas

# Contacts with all that a comparison looks at, and companies. The groups of duplicates
# begin with the oldest records.
_SOME = """
SELECT {columns} FROM {table} AS r WHERE r.business_id = $1 AND r.deleted_at IS NULL
  AND {condition} ORDER BY r.created_at {order}, r.id LIMIT {most}
"""
_WHOLE = "r.email IS NOT NULL AND r.phone IS NOT NULL AND r.company_id IS NOT NULL"
_NO_PHONE = "r.email IS NOT NULL AND r.phone IS NULL AND r.company_id IS NOT NULL"
_MOST_PEOPLE, _MOST_COMPANIES = 12, 3

_TENANT = "SELECT name, currency, schema_generation FROM tenants WHERE business_id = $1"


@dataclass(frozen=True, slots=True)
class There:
    """The tenant, and its users in the order of their roles: owner, admin, manager."""

    database: Database
    business_id: str
    users: Sequence[str]

    async def some(
        self, message: type[Message], condition: str, most: int, order: str = ""
    ) -> list[Any]:
        """Some records that fulfil a condition, the oldest first, or in an order."""
        kind = record_type(message)
        codec = RowCodec(kind)
        sql = _SOME.format(
            columns=codec.columns,
            table=kind.table,
            condition=condition,
            order=order,
            most=most,
        )
        rows = await self.database.rows(sql, self.business_id)
        return [codec.read(row, self.business_id) for row in rows]

    async def call(self, role: str, user_id: str) -> Call:
        """A call of a user, with all scopes."""
        row = await self.database.row(_TENANT, self.business_id)
        assert row is not None  # noqa: S101 -- it was just made
        grants = roles.DEFAULT_ROLES[role]
        caller = Caller(
            business_id=self.business_id,
            business_name=row[0],
            currency=row[1],
            user_id=user_id,
            role=role,
            token_id="",
            token_kind=0,
            client_id="",
            scopes=roles.EVERY_SCOPE,
            scope_permissions=roles.scope_permissions(roles.EVERY_SCOPE),
            role_permissions=roles.role_permissions(role, grants),
            own_only=roles.own_only(role, grants),
            token_limit=(0, 0),
            tenant_limit=(0, 0),
            expires_at=None,
            schema_generation=row[2],
        )
        return Call(caller)


async def make_mistakes(
    database: Database, business_id: str, scene: Scene, users: Sequence[str]
) -> None:
    """Makes them once, if the tenant has records to make them with."""
    there = There(database, business_id, users)
    people = await there.some(Contact, _WHOLE, _MOST_PEOPLE)
    half = await there.some(Contact, _NO_PHONE, 1, "DESC")
    firms = await there.some(Company, "r.domain IS NOT NULL", _MOST_COMPANIES)
    if not (people and half and firms) or await there.some(Merge, "true", 1):
        return
    random = Random("mistakes")  # noqa: S311 -- not a secret
    scene = replace(scene, random=random)
    scene.log.keeps = True
    twin = twin_of(scene, half[0])
    deleted = mistaken(scene)
    made = [*twins(scene, Originals(people, firms)), twin, *deleted]
    await _load(there, scene, made, _about(scene, twin))
    await _merge(there, half[0], twin)
    await _delete(there, deleted)


def _about(scene: Scene, twin: Contact) -> list[Message]:
    """A note and a task of the contact that is merged: they move with it."""
    relation = Relation(twin, None, scene.sellers[0])
    since = from_timestamp(twin.created_at), scene.ends_at
    return [*note(scene, relation, since), *open_task(scene, relation)]


async def _load(
    there: There, scene: Scene, made: Sequence[Any], about: Sequence[Message]
) -> None:
    told = [created(scene, each, each.created_by) for each in made]
    rows = rows_of(there.business_id, chain(made, *told, about))
    async with there.database.transaction() as transaction:
        await copy_in(transaction, rows)
        await copy_log(transaction, scene.log.take())


async def _merge(there: There, survivor: Contact, twin: Contact) -> None:
    """An admin has merged a contact and its twin."""
    schemas = Schemas(there.database, record_type(Field))
    records = Records(there.database, compile_kinds()["contact"], schemas)
    call = await there.call("admin", there.users[1])
    request = MergeContactRequest(id=survivor.id, ids=[twin.id])
    await Merging(records, schemas).merge(call, request, MergeContactResponse)


async def _delete(there: There, deleted: Sequence[Any]) -> None:
    """A manager has deleted contacts, and the owner their company after them."""
    schemas, kinds = Schemas(there.database, record_type(Field)), compile_kinds()
    people = Records(there.database, kinds["contact"], schemas)
    firms = Records(there.database, kinds["company"], schemas)
    firm, _, *others = deleted
    manager = await there.call("manager", there.users[2])
    for each in others:
        await people.delete(manager, each.id)
    await firms.delete(await there.call("owner", there.users[0]), firm.id)
