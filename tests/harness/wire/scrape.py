"""Metrics of a process, as Prometheus reads them."""

import http.client
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, slots=True)
class Scrape:
    """The result of one scrape."""

    text: str

    def families(self) -> Iterable[Metric]:
        """The metrics, each with type and samples."""
        return text_string_to_metric_families(self.text)

    def value(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples with these labels."""
        return sum(
            sample.value
            for family in self.families()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def series(self) -> int:
        """The number of series."""
        return sum(len(family.samples) for family in self.families())

    def names(self) -> set[str]:
        """Every name that an expression may use."""
        names = set()
        for family in self.families():
            names |= {sample.name for sample in family.samples}
            names.add(family.name)
        return names


def get(address: str, path: str) -> tuple[int, str]:
    """Sends a request on a new connection; returns status and text."""
    link = http.client.HTTPConnection(address, timeout=60)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, answer.read().decode()
    finally:
        link.close()


def scrape(url: str) -> Scrape:
    """Reads the metrics of the process at `url`."""
    parts = urlsplit(url)
    status, text = get(parts.netloc, parts.path)
    assert status == 200
    return Scrape(text)
