"""Figures of deals: how they went through a pipeline, and what open ones are worth."""

from datetime import date, timedelta

from prospectconnect.crm.v1 import deals_pb2 as pb
from prospectconnect.crm.v1.pipelines_pb2 import STAGE_TYPE_LOST, STAGE_TYPE_WON
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.aggregates.aggregates import Aggregates
from services.aggregates.rows import exact
from services.caller import Call
from services.clock import (
    DAY,
    EPOCH,
    EPOCH_SECONDS,
    from_timestamp,
    now,
    to_timestamp,
)
from services.errors import ValidationFailed
from services.faults import Fault
from services.history.sight import KEPT_SINCE
from services.postgres.database import Database, Row

LONGEST_PERIOD = 3_653 * DAY
DEFAULT_MONTHS = 12

_PIPELINE = """
SELECT id FROM pipelines WHERE business_id = $1 AND deleted_at IS NULL
  AND CASE WHEN $2 = '' THEN is_default ELSE id = $2 END LIMIT 1
"""
_KEPT = f"SELECT {KEPT_SINCE}"
_STAGES = """
SELECT p.id AS pipeline_id, s.each ->> 'id' AS id, s.place,
  (s.each ->> 'type')::integer AS type,
  (s.each ->> 'probability')::numeric AS probability
FROM pipelines AS p, jsonb_array_elements(p.stages) WITH ORDINALITY AS s (each, place)
WHERE p.business_id = {tenant} AND p.deleted_at IS NULL
"""

# `d` are the deals that may have entered a stage in the period: all later moves set
# `stage_changed_at`. `m` are their moves, the first one to the stage in which a deal
# came: when it was created, or, if it was made elsewhere, when it reached that stage
# there. `e` are these with the next move, and `f` the first time that a deal entered a
# stage in the period.
_FUNNEL = """
WITH s AS ({stages} AND p.id = {pipeline}),
d AS (SELECT r.id, r.stage_changed_at, r.stage_id {source}
  AND r.stage_changed_at >= {since} AND r.created_at < {until}),
t AS (SELECT d.id, c.at, c.was ->> 'stage_id' AS was, c.now ->> 'stage_id' AS stage,
    (c.was ->> 'stage_changed_at')::bigint AS reached
  FROM d JOIN changes AS c ON c.business_id = {tenant} AND c.record_id = d.id
  WHERE c.now ? 'stage_id'),
first AS (SELECT DISTINCT ON (id) id, was, reached FROM t ORDER BY id, at),
came AS (SELECT d.id, coalesce(first.was, d.stage_id) AS stage, coalesce(
    to_timestamp({epoch}) + first.reached * interval '1 microsecond',
    d.stage_changed_at) AS at
  FROM d LEFT JOIN first ON first.id = d.id),
m AS (SELECT id, at, stage FROM t WHERE at < {until}
  UNION ALL SELECT id, at, stage FROM came WHERE at < {until}),
e AS (SELECT id, stage, at, lead(at) OVER (PARTITION BY id ORDER BY at) AS left_at
  FROM m),
f AS (SELECT DISTINCT ON (e.id, e.stage) e.id, e.stage, e.at, e.left_at, s.place
  FROM e JOIN s ON s.id = e.stage WHERE e.at >= {since}
  ORDER BY e.id, e.stage, e.at),
g AS (SELECT f.id, f.stage, f.at, f.left_at,
    bool_or(n.type = {won}) AS won, bool_or(n.type = {lost}) AS lost,
    bool_or(n.place > f.place AND n.type <> {lost}) AS further
  FROM f JOIN e ON e.id = f.id AND e.at >= f.at LEFT JOIN s AS n ON n.id = e.stage
  GROUP BY f.id, f.stage, f.at, f.left_at),
h AS (SELECT stage, count(*) AS entered, count(left_at) AS left_it,
    count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE lost) AS lost,
    count(*) FILTER (WHERE further) AS further,
    percentile_disc(ARRAY[0.5, 0.500000001]) WITHIN GROUP (ORDER BY
      extract(epoch FROM left_at - at)) AS middle
  FROM g GROUP BY stage)
SELECT s.id, coalesce(h.entered, 0), coalesce(h.left_it, 0), coalesce(h.won, 0),
  coalesce(h.lost, 0), round(h.further::numeric / h.entered, 4),
  (h.middle[1] + h.middle[2]) * 0.5, EXISTS (SELECT FROM s AS later
    WHERE later.place > s.place AND later.type <> {lost})
FROM s LEFT JOIN h ON h.stage = s.id ORDER BY s.place
"""

_FORECAST = """
WITH s AS ({stages}),
r AS (SELECT r.currency, r.value, r.stage_id,
    date_trunc('month', r.expected_close_date::timestamp)::date AS month {source}
  AND r.status = {open} AND ({pipeline} = '' OR r.pipeline_id = {pipeline}))
SELECT CASE WHEN r.month >= {first} THEN to_char(r.month, 'YYYY-MM') END AS month,
  r.month < {first} AS overdue, r.currency, count(*),
  sum(coalesce(r.value, 0)), round(sum(coalesce(r.value, 0) * s.probability * 0.01), 2)
FROM r JOIN s ON s.id = r.stage_id WHERE r.month < {end} OR r.month IS NULL
GROUP BY 1, 2, 3 ORDER BY r.month < {first} DESC NULLS LAST, 1, 3
"""


class DealFigures:
    """The funnel and the forecast. `keep_days` of changes are kept."""

    def __init__(
        self, database: Database, aggregates: Aggregates, keep_days: int
    ) -> None:
        self._database, self._aggregates = database, aggregates
        self._keep = keep_days * DAY

    async def funnel(
        self, call: Call, request: pb.ReadDealFunnelRequest
    ) -> pb.DealFunnel:
        """How deals went through a pipeline. Raises `ValidationFailed`."""
        since, until = _period(request)
        pipeline_id = await self._pipeline(call, request.pipeline_id)
        ((began,),) = await self._database.rows(_KEPT, call.caller.business_id)
        kept = max(began, now() - self._keep)
        source = self._aggregates.source(call, request).format(join="")
        p = call.parameters
        sql = _FUNNEL.format(
            stages=_STAGES.format(tenant=p.tenant),
            source=source,
            tenant=p.tenant,
            pipeline=p.place(pipeline_id, "text"),
            since=p.place(max(since, kept), "timestamptz"),
            until=p.place(until, "timestamptz"),
            epoch=EPOCH_SECONDS,
            won=STAGE_TYPE_WON,
            lost=STAGE_TYPE_LOST,
        )
        rows = await self._aggregates.run(call, sql)
        answer = pb.DealFunnel(
            data=[_stage(row) for row in rows], is_whole=since >= kept
        )
        answer.kept_since.CopyFrom(to_timestamp(kept))
        return answer

    async def forecast(
        self, call: Call, request: pb.ReadDealForecastRequest
    ) -> pb.DealForecast:
        """What open deals are worth. Raises `ValidationFailed`."""
        if request.pipeline_id:
            await self._pipeline(call, request.pipeline_id)
        today = (EPOCH + timedelta(microseconds=now())).date()
        source = self._aggregates.source(call, request).format(join="")
        p = call.parameters
        sql = _FORECAST.format(
            stages=_STAGES.format(tenant=p.tenant),
            source=source,
            open=pb.DEAL_STATUS_OPEN,
            pipeline=p.place(request.pipeline_id, "text"),
            first=p.place(today.replace(day=1), "date"),
            end=p.place(_later(today, request.months or DEFAULT_MONTHS), "date"),
        )
        rows = await self._aggregates.run(call, sql)
        return pb.DealForecast(data=[_month(row) for row in rows])

    async def _pipeline(self, call: Call, named: str) -> str:
        """The id of a pipeline that there is: the default one for an empty name."""
        found = await self._database.row(_PIPELINE, call.caller.business_id, named)
        if found is None:
            fault = Fault(
                "pipeline_id", FaultCode.FAULT_CODE_NOT_FOUND, "No such pipeline."
            )
            raise ValidationFailed([fault])
        return str(found[0])


def _period(request: pb.ReadDealFunnelRequest) -> tuple[int, int]:
    """The period of a funnel, as moments."""
    faults = [
        Fault(name, FaultCode.FAULT_CODE_REQUIRED, f"Give {name}; it is required.")
        for name in ("from", "to")
        if not request.HasField(name)
    ]
    if faults:
        raise ValidationFailed(faults)
    since, until = from_timestamp(getattr(request, "from")), from_timestamp(request.to)
    if since >= until:
        message = "The end of the period must be after its beginning."
        fault = Fault("to", FaultCode.FAULT_CODE_TOO_SMALL, message)
        raise ValidationFailed([fault])
    if until - since > LONGEST_PERIOD:
        message = "A period is at most 10 years long."
        raise ValidationFailed([Fault("to", FaultCode.FAULT_CODE_TOO_LARGE, message)])
    return since, until


def _later(day: date, months: int) -> date:
    """The first day of the month that is so many months after that of a day."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _stage(row: Row) -> pb.FunnelStage:
    stage_id, entered, left, won, lost, conversion, middle, is_followed = row
    stage = pb.FunnelStage(
        stage_id=stage_id, entered=entered, left=left, won=won, lost=lost
    )
    if conversion is not None and is_followed:
        stage.conversion.CopyFrom(exact(conversion))
    if middle is not None:
        stage.median_seconds.CopyFrom(exact(middle))
    return stage


def _month(row: Row) -> pb.ForecastMonth:
    month, is_overdue, currency, count, value, weighted = row
    return pb.ForecastMonth(
        month=month,
        overdue=bool(is_overdue),
        currency=currency,
        count=count,
        value=exact(value),
        weighted=exact(weighted),
    )
