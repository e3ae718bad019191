"""The metrics of changes, and of those who are told of them."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric

from deploy.observing.job_metrics import PREFIX, gauge
from services.changes.waiting import Waiting
from services.delivering.figures import DeliveryFigures
from services.relay.relaying import RelayFigures


def of_feed(waiting: Waiting) -> Iterator[Metric]:
    yield gauge("feed_readers", "Readers that wait for changes", waiting.all)
    text = "For how long the oldest transaction has held the feed back"
    yield gauge("feed_held_seconds", text, waiting.held_seconds)


def of_relay(figures: RelayFigures) -> Iterator[Metric]:
    yield gauge("relay_tenants", "Tenants that the relay follows", figures.tenants)
    for name, text, value in (
        ("relay_published", "Changes that the relay published", figures.published),
        ("relay_failures", "Pages that it must publish again", figures.failures),
    ):
        yield CounterMetricFamily(PREFIX + name, text, value=value)


def of_deliveries(figures: DeliveryFigures) -> Iterator[Metric]:
    text = "Deliveries to webhooks that wait, of all tenants"
    yield gauge("deliveries_pending", text, figures.pending)
    text = "How long ago the oldest change happened that waits for a webhook"
    yield gauge("deliveries_oldest_seconds", text, figures.oldest_seconds)
    text = "Webhooks that this process serves now"
    yield gauge("webhooks_served", text, figures.serving)
    for name, text, label, counted in (
        ("delivery_attempts", "Requests to webhooks", "outcome", figures.attempts),
        ("webhooks_disabled", "Webhooks ended here", "reason", figures.disabled),
    ):
        family = CounterMetricFamily(f"{PREFIX}{name}", text, labels=(label,))
        for value, times in counted.items():
            family.add_metric((value,), times)
        yield family
    for name, text, number in (
        (
            "delivery_attempt_seconds",
            "How long these took in all",
            figures.attempt_seconds,
        ),
        ("deliveries_given_up", "Changes that were given up", figures.given_up),
        (
            "webhook_turns_failed",
            "Webhooks not served by a fault of ours",
            figures.failed_turns,
        ),
    ):
        yield CounterMetricFamily(f"{PREFIX}{name}", text, value=number)
