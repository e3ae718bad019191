"""Moves the clock of a sandbox, from one moment with something due to the next.

A step looks whether all that is due is done. If not, it waits: what delivers to
webhooks and runs jobs does that, as it always does. If so, it puts the clock to the
next moment. What is next stands in the database, so a killed process leaves nothing
half done.
"""

from collections.abc import Awaitable, Callable

from prospectconnect.events.v1.webhooks_pb2 import DELIVERY_STATE_PENDING
from prospectconnect.iam.v1.sandboxes_pb2 import SANDBOX_STATE_RESETTING
from prospectconnect.jobs.v1.imports_pb2 import IMPORT_STATE_WAITING_FOR_CONTENT

from services.clock import AHEAD, HOUR, SECOND, real_now, rfc3339
from services.jobs.work import Json, Work
from services.postgres.database import Database, Row, Transaction

# Between two looks at what is being done; after many of them, others have their turn.
_REST_SECONDS, _LONG_REST_SECONDS = 0.02, 0.5
# So long the looks are close to each other.
_SHORT = SECOND
# So long nothing may come to an end that is due; then the move ends where it is.
_PATIENCE = 900 * SECOND
# Callers are remembered for half of it: then all of them see the clock as it is.
_SEEN = SECOND

_NO_CONTENT = int(IMPORT_STATE_WAITING_FOR_CONTENT)
# Values: the live tenant, the sandbox.
_READ = """
SELECT s.business_id AS tenant_id, s.state, n.clock_ahead, n.resets FROM (
  SELECT tenant_id AS business_id, state FROM sandboxes
  WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL
) AS s JOIN tenants AS n ON n.business_id = s.business_id
"""
_ACTIVE = """webhook_queues AS q
  JOIN webhooks AS w ON w.business_id = $1 AND w.id = q.webhook_id
    AND w.active AND w.deleted_at IS NULL"""
# Whether something is under way that is due: a delivery, a change that a webhook has
# not read, a webhook that a process serves, or a job. Values: the sandbox's tenant, the
# moment that its clock shows.
_IS_BUSY = f"""
SELECT EXISTS (SELECT FROM jobs WHERE business_id = $1 AND is_open)
  OR EXISTS (SELECT FROM {_ACTIVE} WHERE q.business_id = $1 AND (
    q.leased_until > now()
    OR EXISTS (SELECT FROM changes AS c WHERE c.business_id = $1
      AND c.xid >= split_part(q.position, ' ', 1)::xid8)
    OR EXISTS (SELECT FROM deliveries AS d WHERE d.business_id = $1
      AND d.webhook_id = q.webhook_id AND d.state = {DELIVERY_STATE_PENDING}
      AND d.due_at <= $2::timestamptz)))
"""
# The next moment at which something is due: that a delivery is tried again, an import
# without a content ends, or an export's files go. Values: the sandbox's tenant, what
# its clock shows, how long an import waits, in microseconds.
_NEXT = f"""
SELECT min(due.at) FROM (
  SELECT d.due_at AS at FROM {_ACTIVE}
  JOIN deliveries AS d ON d.business_id = $1 AND d.webhook_id = q.webhook_id
    AND d.state = {DELIVERY_STATE_PENDING}
  WHERE q.business_id = $1
  UNION ALL
  SELECT i.updated_at + $3::bigint * interval '1 microsecond' FROM imports AS i
  WHERE i.business_id = $1 AND i.state = {_NO_CONTENT}
  UNION ALL
  SELECT e.expires_at FROM exports AS e WHERE e.business_id = $1 AND e.has_files
) AS due WHERE due.at > $2::timestamptz
"""
# Values: the sandbox's tenant, how far its clock is ahead, how often it was reset.
_PUT = """
UPDATE tenants SET clock_ahead = $2::bigint
WHERE business_id = $1 AND clock_ahead < $2::bigint AND resets = $3::int
"""

# Deletes what a tenant keeps no longer, as its clock shows it.
Sweep = Callable[[str], Awaitable[None]]


class ClockJobs:
    """Runs the jobs that move clocks.

    `sweep` deletes what a tenant keeps no longer. `hurry` lets what delivers look at
    once. An import waits for its content for `import_waits` microseconds.
    """

    def __init__(
        self,
        database: Database,
        sweep: Sweep,
        hurry: Callable[[], None],
        import_waits: int,
    ) -> None:
        self._database, self._sweep, self._hurry = database, sweep, hurry
        self._import_waits = import_waits

    async def run(self, transaction: Transaction, work: Work) -> None:
        """Does the next step."""
        row = await transaction.row(_READ, work.business_id, work.subject_id)
        if work.has_to_end:
            work.stop(_result(work, row))
        elif row is None or row["state"] == SANDBOX_STATE_RESETTING:
            _fail(work, row, "The sandbox was reset or deleted.")
        elif row["resets"] != work.task["resets"]:
            _fail(work, row, "The sandbox was reset.")
        else:
            await self._go_on(transaction, work, row)
        if work.has_ended:
            work.is_open = False

    async def _go_on(self, transaction: Transaction, work: Work, row: Row) -> None:
        tenant, task = row["tenant_id"], work.task
        shown = real_now() + row["clock_ahead"]
        busy = await transaction.row(_IS_BUSY, tenant, shown)
        if busy is not None and busy[0]:
            self._wait(work, row)
            return
        task.pop("waits_since", None)
        if shown < task["at"]:
            await self._put(transaction, work, row)
        elif "reached" not in task:
            await self._sweep_at(work, tenant, shown)
            task["reached"] = real_now()
        elif real_now() >= task["reached"] + _SEEN:
            work.succeed(_result(work, row))
        else:
            work.rests_seconds = _LONG_REST_SECONDS / 2

    def _wait(self, work: Work, row: Row) -> None:
        """Lets what is due be done. It may take as long as deliveries time out."""
        waited = real_now() - work.task.setdefault("waits_since", real_now())
        if waited > _PATIENCE:
            shown = rfc3339(real_now() + row["clock_ahead"])
            detail = "What is due does not come to its end. The clock shows"
            _fail(work, row, f"{detail} {shown}.")
            return
        work.rests_seconds = _REST_SECONDS if waited < _SHORT else _LONG_REST_SECONDS
        self._hurry()

    async def _put(self, transaction: Transaction, work: Work, row: Row) -> None:
        """Puts the clock to the next moment with something due, or to the end."""
        tenant, task = row["tenant_id"], work.task
        shown = real_now() + row["clock_ahead"]
        found = await transaction.row(_NEXT, tenant, shown, self._import_waits)
        moment = task["at"]
        if found is not None and found[0] is not None:
            moment = min(moment, found[0])
        ahead = max(moment - real_now(), row["clock_ahead"])
        if moment - task.setdefault("swept", shown) >= HOUR:
            await self._sweep_at(work, tenant, moment)
        await transaction.run(_PUT, tenant, ahead, task["resets"])
        work.count(1)

    async def _sweep_at(self, work: Work, tenant: str, moment: int) -> None:
        """Deletes what is kept no longer at a moment, as each hour does."""
        before = AHEAD.set(moment - real_now())
        try:
            await self._sweep(tenant)
        finally:
            AHEAD.reset(before)
        work.task["swept"] = moment


def _fail(work: Work, row: Row | None, detail: str) -> None:
    work.fail({"type": "conflict", "detail": detail}, _result(work, row))


def _result(work: Work, row: Row | None) -> Json:
    shown = None if row is None else rfc3339(real_now() + row["clock_ahead"])
    return {"sandbox_id": work.subject_id, "now": shown}
