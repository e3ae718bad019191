"""Formulas of many records, computed window by window: a part of jobs on definitions.

A record that is created or written meanwhile is computed by its own write. All records
of a window get a new version, so that no write which was computed by the schema before
comes through.
"""

from typing import Any

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.clock import now
from services.jobs.work import Work
from services.kinds.objects import kind_named
from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.record_type import Kinds
from services.postgres.database import Transaction
from services.record_messages import home_of
from services.records.log.actor import acting
from services.records.many.statements import give_values_sql
from services.records.rows import RowCodec
from services.records.values.typed_statements import forget_values_sql
from services.schema import existing
from services.schema.by_jobs import windows
from services.schema.by_jobs.in_time import locking
from services.schema.formulas import Formulas, users_of, values_of

COMPUTE = "compute"
_TALLIED = 20_000

_NEXT = (
    "SELECT max(w.id), count(*) FROM (SELECT r.id FROM {table} AS r"
    " WHERE r.business_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3) AS w"
)
_THERE = (
    "FROM {table} AS r WHERE r.business_id = $1 AND r.id > $2 AND r.id <= $3"
    " AND r.deleted_at IS NULL{condition}"
    " AND ($4::text[] IS NULL OR r.custom_fields ?| $4::text[])"
)
_LOCKED = f"SELECT {{columns}} {_THERE} ORDER BY r.id FOR NO KEY UPDATE"
_COUNTED = f"SELECT count(*) {_THERE}"


class Computing:
    """Computes formulas of all records that may have a value or get one."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._formulas = Formulas(kinds)

    async def follows(
        self, transaction: Transaction, work: Work, definition: pb.Field
    ) -> bool:
        """Whether formulas name a field. If so, they are computed from now on."""
        where = transaction, work.business_id, definition.object
        own = await self._formulas.fields_of(*where)
        users = [each.key for each in users_of(own, definition.key)]
        if users:
            begin(work, users)
        return bool(users)

    async def step(self, transaction: Transaction, work: Work, name: str) -> bool:
        """Counts or computes the records of a window. Returns whether all are done."""
        task, where = work.task, (transaction, work.business_id, name)
        own = await self._formulas.fields_of(*where)
        chosen = [own.by_key[key] for key in task["formulas"] if _is_live(own, key)]
        keys = self._formulas.keys_of(name, own, chosen)
        began = windows.began()
        most = task["window"] if task["is_tallied"] else _TALLIED
        sql = _NEXT.format(table=home_of(name).table)
        row = await transaction.row(sql, work.business_id, task["cursor"], most)
        last: str | None = row[0] if row is not None and chosen else None
        if last is not None:
            between = work.business_id, task["cursor"], last, keys
            if not task["is_tallied"]:
                await self._count(transaction, work, name, between)
            else:
                async with locking(transaction, task):
                    await self._compute(transaction, work, name, between, own, chosen)
                windows.adapt(task, began)
            task["cursor"] = last
            return False
        is_done = task["is_tallied"] or not chosen
        task |= {"is_tallied": True, "cursor": ""}
        return is_done

    async def _count(
        self, transaction: Transaction, work: Work, name: str, between: Any
    ) -> None:
        home = home_of(name)
        sql = _COUNTED.format(table=home.table, condition=home.condition)
        row = await transaction.row(sql, *between)
        number = row[0] if row is not None else 0
        if not work.has_ended:
            work.progress["total"] = work.progress.get("total", 0) + number

    async def _compute(
        self,
        transaction: Transaction,
        work: Work,
        name: str,
        between: Any,
        own: OwnFields,
        chosen: list[OwnField],
    ) -> None:
        home, codec = home_of(name), RowCodec(kind_named(self._kinds, name))
        sql = _LOCKED.format(
            table=home.table, condition=home.condition, columns=codec.columns
        )
        rows = await transaction.rows(sql, *between)
        if not rows:
            return
        records = [codec.read(row, work.business_id) for row in rows]
        computed = await values_of(chosen, records, own)
        give = give_values_sql(home.table)
        for each in chosen:
            values = computed[each.key]
            given = work.business_id, each.key
            await transaction.run(give, *given, now(), values, acting())
            unset = [record_id for record_id, value in values.items() if value is None]
            await transaction.run(forget_values_sql("$4"), *given, unset, name)
            fitting = {e: value for e, value in values.items() if value is not None}
            if fitting:
                where = transaction, work.business_id, name
                await existing.keep(*where, each, fitting)
        work.count(len(rows))


def begin(work: Work, formulas: list[str]) -> None:
    """Lets the next steps of a job compute formulas, by their keys."""
    work.task |= {
        "stage": COMPUTE,
        "formulas": formulas,
        "cursor": "",
        "window": windows.FIRST,
        "is_tallied": False,
    }


def _is_live(own: OwnFields, key: str) -> bool:
    """Whether a formula is there: it may be archived meanwhile."""
    return key in own.by_key and any(each.key == key for each in own.formulas)
