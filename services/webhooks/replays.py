"""Replays: changes of a time that are sent again, with their ids.

The request begins a job. Each of its steps puts some changes into the deliveries that
wait; those that wait already stay as they are.
"""

from typing import Any

from prospectconnect.events.v1 import webhooks_pb2 as pb
from prospectconnect.jobs.v1 import jobs_pb2 as jobs
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call
from services.changes import order
from services.changes.meanings import type_of
from services.changes.merges import MARGIN, merges_of
from services.changes.order import Page, Position
from services.changes.readers import Readers
from services.changes.selecting import selected, selects
from services.changes.telling import change_id
from services.clock import AHEAD, from_timestamp, now
from services.delivering import queues
from services.delivering.telling import Forbidden, Telling
from services.errors import JobRunning, ValidationFailed
from services.faults import Fault
from services.iam.makers import find_maker
from services.ids import new_id
from services.jobs import queue
from services.jobs.work import Json, Work
from services.kinds.record_type import Kinds
from services.postgres.database import Database, Row, Transaction
from services.records.commands import keep_answer
from services.schema.generation import LOCK
from services.webhooks import statements
from services.webhooks.deliveries import KEEP

AT_ONCE = 500
# So many replays of a webhook, and of all webhooks of a tenant, may be under way.
MOST_OF_WEBHOOK, MOST_OF_TENANT = 2, 8
_KIND = jobs.JOB_KIND_REPLAY_WEBHOOK
_FAILED = pb.REPLAY_ONLY_FAILED


async def begin(
    database: Database,
    call: Call,
    webhook: pb.Webhook,
    request: pb.ReplayWebhookRequest,
    objects: list[str],
) -> pb.ReplayWebhookResponse:
    """Begins the job of a replay, of changes of records of the types `objects`.

    Raises `JobRunning` where enough replays are under way.
    """
    _check(webhook, request)
    moment = now()
    until = from_timestamp(request.to) if request.HasField("to") else moment
    task: Json = {
        "from": from_timestamp(getattr(request, "from")),
        "to": min(until, moment),
        "types": list(request.types or webhook.types),
        "only": request.only,
        "objects": objects,
        "position": "",
    }
    job = queue.drafted(call.caller, _KIND, webhook.id)

    async def run(transaction: Transaction) -> pb.ReplayWebhookResponse:
        await _refuse_too_many(transaction, call.caller.business_id, webhook.id)
        await queue.begin(transaction, call.caller.business_id, job, task)
        answer = pb.ReplayWebhookResponse(job=job)
        await keep_answer(transaction, call, answer)
        return answer

    return await database.in_transaction(run)


async def _refuse_too_many(
    transaction: Transaction, business_id: str, webhook_id: str
) -> None:
    await transaction.run(LOCK, business_id)
    row: Any = await transaction.row(statements.REPLAYS, business_id, webhook_id, _KIND)
    if row[0] >= MOST_OF_WEBHOOK:
        raise JobRunning(f"{row[0]} replays of the webhook are under way. Wait.")
    if row[1] >= MOST_OF_TENANT:
        raise JobRunning(f"{row[1]} replays are under way. Wait for the end of one.")


def _check(webhook: pb.Webhook, request: pb.ReplayWebhookRequest) -> None:
    faults, choice = list[Fault](), FaultCode.FAULT_CODE_INVALID_CHOICE
    too_small = FaultCode.FAULT_CODE_TOO_SMALL
    begins = from_timestamp(getattr(request, "from"))
    if not request.HasField("from"):
        required = FaultCode.FAULT_CODE_REQUIRED
        faults.append(Fault("from", required, "Give from; it is required."))
    elif begins < now() - KEEP:
        faults.append(Fault("from", too_small, "Give a time of the last 30 days."))
    elif begins > now() + MARGIN:
        too_large = FaultCode.FAULT_CODE_TOO_LARGE
        faults.append(Fault("from", too_large, "Give a time that has come."))
    if request.HasField("to") and from_timestamp(request.to) <= begins:
        faults.append(Fault("to", too_small, "Give a time after from."))
    for index, each in enumerate(request.types):
        if not selects(webhook.types, each):
            message = f"The webhook has the types {', '.join(webhook.types)[:200]}."
            faults.append(Fault(f"types[{index}]", choice, message))
    if faults:
        raise ValidationFailed(faults)


class ReplayJobs:
    """Runs the jobs of replays. `telling` judges filters; its bodies are not used."""

    def __init__(self, database: Database, kinds: Kinds, telling: Telling) -> None:
        self._database, self._telling = database, telling
        self._readers = Readers(kinds)

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        if work.has_to_end:
            work.stop(_result(work))
        elif work.task["only"] == _FAILED:
            await self._again(transaction, work)
        else:
            await self._anew(transaction, work)
        if work.has_ended:
            work.is_open = False
        await transaction.run(statements.WAKE, work.business_id, work.subject_id)

    async def _again(self, transaction: Transaction, work: Work) -> None:
        """Sends what was given up."""
        task, its = work.task, (work.business_id, work.subject_id)
        types = selected(task["types"], self._readers.of_type)
        given = *its, task["from"], task["to"], types, AT_ONCE, AHEAD.get()
        found = await transaction.rows(statements.REPLAY_FAILED, *given)
        work.count(len(found))
        if len(found) < AT_ONCE:
            work.succeed(_result(work))

    async def _anew(self, transaction: Transaction, work: Work) -> None:
        """Sends a page of the feed."""
        task = work.task
        position = await self._position(transaction, work)
        its = work.business_id, position, task["objects"]
        page = await order.read_page(transaction, *its, AT_ONCE)
        try:
            found = await self._selected(transaction, work, page)
        except Forbidden:
            detail = "The webhook's filters cannot be applied any more: change them."
            work.fail({"type": "conflict", "detail": detail}, _result(work))
            return
        if found:
            is_missing = task["only"] == pb.REPLAY_ONLY_MISSING
            columns = [list(each) for each in zip(*found, strict=True)]
            whose = work.business_id, work.subject_id
            given = *whose, is_missing, *columns, AHEAD.get()
            put = await transaction.rows(statements.REPLAY, *given)
            work.count(len(put))
        task["position"] = page.end.text
        is_over = any(row["at"] > task["to"] + MARGIN for row in page.rows[-1:])
        if is_over or not page.has_more:
            work.succeed(_result(work))

    async def _position(self, transaction: Transaction, work: Work) -> Position:
        if work.task["position"]:
            return Position.read(work.task["position"])
        begins = work.task["from"]
        return await order.place_since(transaction, work.business_id, begins, MARGIN)

    async def _selected(
        self, transaction: Transaction, work: Work, page: Page
    ) -> list[tuple[Any, ...]]:
        """The changes of a page that are to be sent, as rows of deliveries."""
        task, business_id = work.task, work.business_id
        made_by = await merges_of(transaction, business_id, page)
        wanted = dict[tuple[str, int], tuple[Row, str]]()
        for row in page.rows:
            if not task["from"] <= row["at"] < task["to"]:
                continue
            kind = self._readers.kind_of(row["object"])
            is_merge = (row["xid"], row["record_id"]) in made_by
            change_type = type_of(kind, row, is_merge)
            if selects(task["types"], change_type):
                wanted[row["record_id"], row["at"]] = row, change_type
        rows = [row for row, _ in wanted.values()]
        return [
            _delivery(business_id, *wanted[row["record_id"], row["at"]])
            for row in await self._fitting(work, rows, page)
        ]

    async def _fitting(self, work: Work, rows: list[Row], page: Page) -> list[Row]:
        """The changes that the maker sees and the webhook's filters let through.

        Raises `Forbidden`.
        """
        key = work.business_id, work.subject_id
        webhook = await queues.read(self._database, key)
        if webhook is None:
            return []
        is_of_all = all(self._readers.is_of_all(row) for row in rows)
        if is_of_all and not webhook.filters:
            return rows
        caller = await find_maker(self._database, work.business_id, webhook.maker)
        if caller is None:
            raise Forbidden
        rows = [row for row in rows if self._readers.is_open_to(caller, row)]
        return await self._telling.fitting(webhook, caller, rows, page)


def _delivery(business_id: str, row: Row, change_type: str) -> tuple[Any, ...]:
    """A change as a row of deliveries."""
    its = new_id("dlv_"), change_id(business_id, row), change_type
    return (*its, row["object"], row["record_id"], row["version"], row["at"])


def _result(work: Work) -> Json:
    return {"webhook_id": work.subject_id, "changes": work.progress.get("done", 0)}
