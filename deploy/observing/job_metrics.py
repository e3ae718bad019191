"""The metrics of jobs, of the rows that imports write, and of sandboxes."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from services.importing.figures import ImportFigures
from services.jobs.figures import JobFigures
from services.sandboxes.figures import SandboxFigures

PREFIX = "prospectconnect_"


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    """One number that goes up and down."""
    return GaugeMetricFamily(PREFIX + name, text, value=value)


def of_jobs(figures: JobFigures) -> Iterator[Metric]:
    """What the worker of a process did, and how the queue is."""
    yield gauge("jobs_open", "Jobs of all tenants that have work left", figures.open)
    text = "How long ago the oldest open job was begun"
    yield gauge("jobs_oldest_seconds", text, figures.oldest_seconds)
    ended = CounterMetricFamily(
        f"{PREFIX}jobs_ended",
        "Jobs that ended here, by kind and how",
        labels=("kind", "state"),
    )
    for labels, times in figures.ended.items():
        ended.add_metric(labels, times)
    yield ended
    for name, text, value in (
        ("job_steps", "Steps of jobs that were done", figures.steps),
        ("job_step_seconds", "How long these took in all", figures.step_seconds),
        (
            "job_steps_failed",
            "Steps that failed, to be done again",
            figures.failed_steps,
        ),
    ):
        yield CounterMetricFamily(f"{PREFIX}{name}", text, value=value)


def of_imports(figures: ImportFigures) -> Metric:
    """What became of rows."""
    text = "Rows of imports that were written or rejected here, by what became of them"
    labels = ("status", "undo")
    family = CounterMetricFamily(f"{PREFIX}import_rows", text, labels=labels)
    for undo, counts in (("false", figures.rows), ("true", figures.undone)):
        for status, rows in counts.items():
            family.add_metric((status, undo), rows)
    return family


def of_sandboxes(figures: SandboxFigures) -> Iterator[Metric]:
    """How many there are, and what failed of their filling, reset and deletion."""
    family = GaugeMetricFamily(
        f"{PREFIX}sandboxes", "Sandboxes of all tenants, by state", labels=("state",)
    )
    for state, number in figures.states.items():
        family.add_metric((state,), number)
    yield family
    text = "Times that a sandbox was not tended, to be tried again"
    name = f"{PREFIX}sandbox_steps_failed"
    yield CounterMetricFamily(name, text, value=figures.failed_steps)
