"""The metrics of a process for Prometheus, computed when it asks for them.

The number of names and labels is limited: operations and methods come from descriptors,
and everything else counts as `other`.
"""

import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from deploy.observing.change_metrics import of_deliveries, of_feed, of_relay
from deploy.observing.job_metrics import (
    PREFIX,
    gauge,
    of_imports,
    of_jobs,
    of_sandboxes,
)
from deploy.observing.loop_lag import LoopLag
from deploy.observing.mail_metrics import of_mail
from deploy.tls.certificates import expires_at
from edge.figures import BOUNDS, PLANTED
from edge.figures import Figures as EdgeFigures
from services.changes.waiting import Waiting
from services.delivering.figures import DeliveryFigures
from services.gates.figures import Figures as ServiceFigures
from services.gates.turns import Turns
from services.gates.watch import NAMES
from services.importing.figures import ImportFigures
from services.jobs.figures import JobFigures
from services.mailing.figures import MailFigures
from services.postgres.connections import Pool
from services.relay.relaying import RelayFigures
from services.sandboxes.figures import SandboxFigures

# Exported as 0 from the start, so that the first one is visible as an increase.
_ALWAYS = (2, 4, 5)

# Read once, because reading opens a file. Metrics must work if no file can be opened.
_VERSION = version("prospectconnect")


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The parts of a process that have metrics. A missing part is None."""

    lag: LoopLag
    edge: EdgeFigures | None = None
    services: ServiceFigures | None = None
    pool: Pool | None = None
    turns: Turns | None = None
    jobs: JobFigures | None = None
    deliveries: DeliveryFigures | None = None
    mail: MailFigures | None = None
    imports: ImportFigures | None = None
    sandboxes: SandboxFigures | None = None
    waiting: Waiting | None = None
    relay: RelayFigures | None = None
    certificates: Mapping[str, Path] | None = None
    data_dir: Path | None = None

    def collect(self) -> Iterator[Metric]:
        """Yields all metrics, as `prometheus_client` requires."""
        yield gauge("event_loop_lag_seconds", _LAG, self.lag.seconds())
        yield _build()
        if self.edge is not None:
            yield from _of_edge(self.edge)
        if self.services is not None:
            yield from _of_services(self.services)
        if self.pool is not None:
            yield from _of_pool(self.pool)
        if self.turns is not None:
            yield from _of_turns(self.turns)
        if self.jobs is not None:
            yield from of_jobs(self.jobs)
        if self.deliveries is not None:
            yield from of_deliveries(self.deliveries)
        if self.mail is not None:
            yield from of_mail(self.mail)
        if self.imports is not None:
            yield of_imports(self.imports)
        if self.sandboxes is not None:
            yield from of_sandboxes(self.sandboxes)
        if self.waiting is not None:
            yield from of_feed(self.waiting)
        if self.relay is not None:
            yield from of_relay(self.relay)
        yield self._shed()
        yield self._unjudged()
        yield from _of_machine(self.certificates or {}, self.data_dir)

    def _shed(self) -> Metric:
        family = CounterMetricFamily(
            f"{PREFIX}shed",
            "What was refused because too much was under way, by whom",
            labels=("side",),
        )
        if self.edge is not None:
            family.add_metric(("edge",), self.edge.shed)
        if self.turns is not None:
            family.add_metric(("services",), self.turns.refused)
        return family

    def _unjudged(self) -> Metric:
        family = CounterMetricFamily(
            f"{PREFIX}changes_unjudged",
            "Changes told because filters could not judge them, by who reads them",
            labels=("reader",),
        )
        if self.services is not None:
            family.add_metric(("feed",), self.services.unjudged)
        if self.deliveries is not None:
            family.add_metric(("webhooks",), self.deliveries.unjudged)
        return family


_LAG = "The longest delay of the event loop in the last 15 seconds"


def _build() -> Metric:
    family = GaugeMetricFamily(
        PREFIX + "build_info", "What runs here", labels=("version", "python")
    )
    family.add_metric((_VERSION, platform.python_version()), 1)
    return family


_OF_EDGE = {
    "clients_refused": ("clients_refused", "Connections for which there was no room"),
    "feed_readers_refused": ("readers_refused", "Readers refused: too many waited"),
    "downloads_refused": ("downloads_refused", "Downloads refused: too many were open"),
    "usage_dropped": ("usage_dropped", "Requests whose report of usage was given up"),
    "chart_seconds": ("chart_seconds", "How long charts took in all"),
}


# A metric is there before anybody votes, so that dashboards know its name.
_UNVOTED = {("/docs/getting-started", answer): 0 for answer in ("yes", "no")}


def _of_edge(figures: EdgeFigures) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        f"{PREFIX}requests",
        "Requests answered, by operation and class of status",
        labels=("operation", "status"),
    )
    seconds = HistogramMetricFamily(
        f"{PREFIX}request_seconds",
        "From a request's head to its answer, by operation",
        labels=("operation",),
    )
    for name, timings in figures.operations.items():
        for digit, times in enumerate(timings.classes):
            if times or digit in _ALWAYS:
                status = "planted" if digit == PLANTED else f"{digit}xx"
                requests.add_metric((name, status), times)
        buckets = _buckets(timings.buckets)
        seconds.add_metric((name,), buckets, sum_value=timings.seconds)
    yield requests
    yield seconds
    refused = CounterMetricFamily(
        f"{PREFIX}rate_limit_refusals",
        "Requests refused, by whose budget was used up",
        labels=("budget",),
    )
    for budget, times in figures.refused.items():
        refused.add_metric((budget,), times)
    yield refused
    yield gauge("feed_streams", "Streams of changes that are open", figures.streams)
    yield gauge("downloads", "Downloads that are open", figures.downloads)
    for name, (counted, text) in _OF_EDGE.items():
        value = getattr(figures, counted)
        yield CounterMetricFamily(f"{PREFIX}{name}", text, value=value)
    charts = CounterMetricFamily(f"{PREFIX}charts", "Charts drawn", labels=("form",))
    for form, times in figures.charts.items():
        charts.add_metric((form,), times)
    yield charts
    votes = CounterMetricFamily(
        f"{PREFIX}page_votes",
        "Answers to whether a page of the portal was helpful",
        labels=("page", "answer"),
    )
    for (page, answer), times in {**_UNVOTED, **figures.votes}.items():
        votes.add_metric((page, answer), times)
    yield votes


def _buckets(counts: Sequence[int]) -> list[tuple[str, float]]:
    """Returns cumulative counts for each bound, as Prometheus requires."""
    bounds = (*map(str, BOUNDS), "+Inf")
    return list(zip(bounds, accumulate(counts), strict=True))


def _of_services(figures: ServiceFigures) -> Iterator[Metric]:
    calls = CounterMetricFamily(
        f"{PREFIX}grpc_calls",
        "Calls answered by the services, by method and gRPC code",
        labels=("service", "method", "code"),
    )
    for full_name, codes in figures.calls.items():
        service, _, method = full_name[1:].partition("/")
        for code, times in enumerate(codes):
            if times or not code:
                calls.add_metric((service, method, NAMES[code]), times)
    yield calls
    yield CounterMetricFamily(
        f"{PREFIX}idempotent_replays",
        "Calls answered with what the first one of their key got",
        value=figures.replays,
    )
    operations = CounterMetricFamily(
        f"{PREFIX}batch_operations", "Operations of batches", labels=("outcome",)
    )
    for outcome, times in figures.batch_operations.items():
        operations.add_metric((outcome,), times)
    yield operations
    yield CounterMetricFamily(
        f"{PREFIX}erasures", "Records that were erased", value=figures.erasures
    )
    yield CounterMetricFamily(
        f"{PREFIX}unsubscribed",
        "Choices by a link in a mail that ended a topic or all mail",
        value=figures.unsubscribed,
    )
    text = "Whether the database answered the last health check, migrated and writable"
    yield gauge("database_up", text, figures.is_ready)


def _of_pool(pool: Pool) -> Iterator[Metric]:
    yield gauge("pool_open", "Connections to the database", pool.open)
    yield gauge("pool_idle", "Connections that nobody uses now", pool.idle)
    yield gauge("pool_waiting", "Who waits for a connection now", pool.waiting)
    yield gauge("pool_most", "How many connections there may be", pool.most)
    yield CounterMetricFamily(
        f"{PREFIX}pool_waits", "How often a connection was waited for", value=pool.waits
    )
    yield CounterMetricFamily(
        f"{PREFIX}pool_wait_seconds",
        "How long connections were waited for in all",
        value=pool.waited_seconds,
    )


def _of_turns(turns: Turns) -> Iterator[Metric]:
    yield gauge("turns_waiting", "Calls that wait for their turn now", turns.waiting)
    yield CounterMetricFamily(
        f"{PREFIX}turn_wait_seconds",
        "How long calls waited for their turn in all",
        value=turns.waited_seconds,
    )


def _of_machine(
    certificates: Mapping[str, Path], data_dir: Path | None
) -> Iterator[Metric]:
    ends = GaugeMetricFamily(
        f"{PREFIX}certificate_end_seconds",
        "When the certificate of a side ends, in Unix seconds; 0: unreadable",
        labels=("side",),
    )
    for side, path in certificates.items():
        ends.add_metric((side,), expires_at(path) or 0)
    yield ends
    if data_dir is not None and data_dir.exists():
        usage = shutil.disk_usage(data_dir)
        yield gauge("disk_free_bytes", "Free space under the data folder", usage.free)
        yield gauge("disk_size_bytes", "All space under the data folder", usage.total)
