"""The places that hold values of a person, and what an erasure does in each.

A place is a function of the running erasure, which counts what it destroys. Their
order matters: what a later place finds by rows, an earlier one must not have deleted.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from prospectconnect.crm.v1 import erasures_pb2 as pb

from services.caller import Call
from services.clock import SECOND
from services.erasure import (
    doomed_exports,
    doomed_imports,
    kept_answers,
    kept_requests,
    stored_filters,
    suppressed,
)
from services.erasure.lending import Lending
from services.erasure.named_fields import NamedFields
from services.erasure.person import Person
from services.erasure.stopped_webhooks import lock_queues
from services.erasure.subject import Subject
from services.iam import audit
from services.kinds.own_fields import Schema
from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.records import own_writes
from services.records.compiled import CompiledKind
from services.records.erasing import statements as sql
from services.records.erasing.texts import text_sql
from services.records.log.actor import acting, actor_of
from services.records.log.changes import is_logged

# A batch stores its key before it creates records, by the time of a request at most.
KEYS_BEFORE = 3_600 * SECOND


@dataclass(frozen=True)
class Erasing:
    """A running erasure: its transaction, whom it erases, and the report so far.

    `persons` is what the person is known by, `addresses` are those of e-mail. `fields`
    tells which fields hold texts. `key` is that of digests. `jobs` are those that have
    lost a sample, `wider_webhooks` those that must stop.
    """

    transaction: Transaction
    call: Call
    compiled: CompiledKind[Any]
    schema: Schema
    fields: NamedFields
    subject: Subject
    persons: Sequence[Person]
    addresses: Sequence[str]
    include_shared: bool
    report: pb.Erasure
    key: bytes
    jobs: set[str] = field(default_factory=set)
    wider_webhooks: set[str] = field(default_factory=set)

    @property
    def business_id(self) -> str:
        """The tenant, by which every statement begins."""
        return self.call.caller.business_id

    @property
    def kind(self) -> RecordType:
        """The kind of the record."""
        return self.compiled.kind

    @cached_property
    def texts(self) -> dict[str, list[str]]:
        """The ids of the linked records whose texts go, by their tables."""
        linked = self.subject.linked.items()
        return {kind.name: its.texts(self.include_shared) for kind, its in linked}

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the record, and of what goes with it."""
        return [*self.subject.ids, *(i for some in self.texts.values() for i in some)]

    async def count(self, statement: str, *values: Any) -> int:
        """Runs a statement that destroys something, and returns how much."""
        row = await self.transaction.row(statement, self.business_id, *values)
        return 0 if row is None else int(row[0])

    async def forget(
        self,
        ids: Sequence[str],
        told: Iterable[str],
        time: tuple[int, int | None],
        versions: kept_answers.Versions | None = None,
    ) -> None:
        """Destroys samples of records in jobs, and answers about them, of some time.

        `told` are the ids of all that the answers may be about, `versions` those of the
        one record that it is about, None for all.
        """
        since, until = time
        begin = None if until is None else since
        given = self.business_id, list(ids), self.subject.moment, begin, until
        jobs = [
            each["id"] for each in await self.transaction.rows(sql.JOBS_SQL, *given)
        ]
        kinds = self.compiled.kinds.values()
        erased = kept_answers.Erased(
            report=self.report,
            ids=frozenset((*told, *jobs)),
            since=since - KEYS_BEFORE,
            prefixes=[each.policy.id_prefix for each in kinds if is_logged(each)],
            until=until,
            versions=versions,
        )
        self.jobs.update(jobs)
        self.counts.jobs = len(self.jobs)
        self.counts.kept_answers += await kept_answers.destroy(
            self.transaction, self.business_id, erased
        )

    @property
    def counts(self) -> pb.ErasureCounts:
        """What was destroyed so far."""
        return self.report.destroyed


async def audited(erasing: Erasing) -> None:
    """What the audit tells of logins with the person's e-mail addresses."""
    its = erasing.transaction, erasing.business_id
    forgotten = await audit.forget(*its, erasing.addresses)
    erasing.counts.audit = forgotten


async def values_beside(erasing: Erasing) -> None:
    """Values of own fields and external ids, which have tables of their own."""
    counts, tables = erasing.counts, {erasing.kind.table: erasing.subject.ids}
    for table, ids in (tables | erasing.texts).items():
        if ids:
            counts.typed_values += await erasing.count(sql.TYPED_SQL, ids, table)
    counts.external_ids = await erasing.count(sql.UNIQUE_SQL, erasing.ids)


async def row(erasing: Erasing) -> None:
    """The record and those merged into it, with what searches find them by; links."""
    subject, call = erasing.subject, erasing.call
    given = subject.ids, subject.moment, *actor_of(call)
    statement = sql.erase_sql(erasing.kind)
    await erasing.transaction.run(statement, erasing.business_id, *given)
    erasing.counts.contacts = len(subject.ids)
    if subject.is_deleted:  # which has cleared the links
        return
    around = own_writes.around_deletion(
        erasing.compiled, call.caller, erasing.schema, subject.record, subject.moment
    )
    if around is not None:
        for each in (*around.before, *around.after):
            await erasing.transaction.run(each.sql, *each.values)


async def texts(erasing: Erasing) -> None:
    """Texts of notes, tasks, activities and consents, and of their histories."""
    for kind, linked in erasing.subject.linked.items():
        if ids := erasing.texts[kind.name]:
            blanked = ids, erasing.subject.moment, acting()
            count = await erasing.count(kind.texts.blank, *blanked)
            setattr(erasing.counts, kind.name, len(ids) if kind.is_whole else count)
            erasing.counts.history += await erasing.count(kind.texts.scrub, ids)
        if not kind.has_one_link:
            shared = 0 if erasing.include_shared else len(linked.shared)
            setattr(erasing.report.kept, kind.name, shared)


async def timeline(erasing: Erasing) -> None:
    """What the server tells of the record alone, with values before and after."""
    ids = [i for linked in erasing.subject.linked.values() for i in linked.system]
    if ids:
        erasing.counts.timeline = await erasing.count(sql.TIMELINE_SQL, ids)


async def associations(erasing: Erasing) -> None:
    """What was said of associations, which have ended, and their histories."""
    ids = erasing.subject.associations
    if ids:
        its = text_sql(erasing.compiled.kinds["association"])
        blanked = ids, erasing.subject.moment, acting()
        erasing.counts.associations = await erasing.count(its.blank, *blanked)
        erasing.counts.history += await erasing.count(its.scrub, ids)


async def history(erasing: Erasing) -> None:
    """The record's own history: it keeps who changed it, and when."""
    erasing.counts.history += await erasing.count(sql.LOG_SQL, erasing.subject.ids)


async def jobs_and_answers(erasing: Erasing) -> None:
    """Samples of values that jobs keep, and stored answers of idempotency keys."""
    subject = erasing.subject
    ids = (*erasing.ids, *subject.associations)
    await erasing.forget(erasing.ids, ids, (subject.since, None))
    given = erasing.business_id, erasing.report.id
    count = await kept_answers.destroy_of_files(erasing.transaction, *given)
    erasing.counts.kept_answers += count


async def deliveries(erasing: Erasing) -> None:
    """What endpoints of webhooks answered to changes of the record and its links."""
    ids = [*erasing.ids, *erasing.subject.associations]
    await erasing.transaction.run(sql.ANSWERS_SQL, erasing.business_id, ids)


async def imports(erasing: Erasing) -> None:
    """What imports and their requests tell of the person, and contents may."""
    its = erasing.transaction, erasing.business_id
    moment = erasing.subject.moment
    await kept_requests.forget(*its, erasing.persons, erasing.fields, moment)
    counts = erasing.counts
    counts.import_rows = await doomed_imports.doom(*its, erasing.persons)
    counts.imports = await doomed_imports.destroy(*its, moment)


async def filters(erasing: Erasing) -> None:
    """What kept filters and labels name of the person, and answers that have these."""
    its = erasing.transaction, erasing.business_id
    holders = await stored_filters.forget(*its, erasing.persons, erasing.fields)
    erasing.wider_webhooks.update(holders.wider_webhooks)
    if holders.wider_webhooks:
        await lock_queues(*its, holders.wider_webhooks)
    erasing.counts.filters = len(holders.filters)
    erasing.counts.labels = len(holders.labels)
    if told := holders.filters | holders.labels:
        await erasing.forget((), told, (0, None))


async def suppressions(erasing: Erasing) -> None:
    """The addresses that are suppressed: digests remain, so that they stay so."""
    subject, kind = erasing.subject, erasing.compiled.kinds["suppression"]
    its = erasing.transaction, erasing.business_id, erasing.addresses
    hidden = await suppressed.hide(*its, kind, erasing.key, subject.moment)
    erasing.counts.suppressions = len(hidden.ids)
    erasing.counts.history += hidden.history
    if hidden.ids:
        await erasing.forget((), hidden.ids, (0, None))


async def exports(erasing: Erasing) -> None:
    """The files of exports. Some may hold the person; which, nobody can tell."""
    given = erasing.business_id, erasing.subject.moment
    erasing.counts.exports = await doomed_exports.doom(erasing.transaction, *given)


async def former_survivors(erasing: Erasing) -> None:
    """What contacts had of the record while it was merged into them.

    Their history, what the server told of their tags, samples and stored answers.
    """
    lending = Lending(erasing.transaction, erasing.compiled, erasing.schema)
    for each in await lending.undone(erasing.business_id, erasing.subject.ids):
        erasing.counts.history += await lending.tell_anew(each)
        erasing.counts.timeline += await lending.take_tags(each)
        its, time = [each.survivor_id], (each.at, each.undone_at + KEYS_BEFORE)
        record = erasing.kind.message
        versions = kept_answers.Versions(record, each.first_version, each.end_version)
        await erasing.forget(its, its, time, versions)


Place = Callable[[Erasing], Awaitable[None]]

# Every place, in the order in which they are visited.
PLACES: tuple[Place, ...] = (
    audited,
    imports,
    filters,
    suppressions,
    values_beside,
    row,
    texts,
    timeline,
    associations,
    history,
    deliveries,
    former_survivors,
    exports,
    jobs_and_answers,
)
