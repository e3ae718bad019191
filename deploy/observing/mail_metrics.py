"""The metrics of mail."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric

from deploy.observing.job_metrics import PREFIX, gauge
from services.mailing.figures import MailFigures


def of_mail(figures: MailFigures) -> Iterator[Metric]:
    yield gauge("mail_waiting", "Mail that is due, of all tenants", figures.waiting)
    text = "For how long the oldest of it has been due"
    yield gauge("mail_oldest_seconds", text, figures.oldest_seconds)
    text = "Mail that this process sends now"
    yield gauge("mail_sending", text, figures.sending)
    text = "What came of mail, and of attempts that are made again"
    family = CounterMetricFamily(f"{PREFIX}mail_results", text, labels=("result",))
    for result, times in figures.results.items():
        family.add_metric((result,), times)
    yield family
    for name, text, number in (
        ("mail_attempt_seconds", "How long attempts took", figures.attempt_seconds),
        ("mail_turns_failed", "Faults of ours with mail", figures.failed_turns),
    ):
        yield CounterMetricFamily(f"{PREFIX}{name}", text, value=number)
