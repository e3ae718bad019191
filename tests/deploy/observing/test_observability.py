"""Dashboard, alerts and runbook: they name metrics that exist, and each other."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import stacks
from tests.harness.wire.scrape import scrape

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "observability"

_METRIC = re.compile(r"\b((?:prospectconnect|process|python)_\w+)")
_IN_QUOTES = re.compile(r'"[^"]*"')


@pytest.fixture(scope="module")
def known(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all metrics that a live process has."""
    place = ("--data-dir", str(tmp_path_factory.mktemp("known")))
    ports = ("--http-port", "0", "--grpc-port", "0", "--metrics-port", "0")
    process = stacks.start(
        *("serve", "--no-demo", *ports, *place, "--database-url", database_url),
        env={"PROSPECTCONNECT_LOG_REQUESTS": "false"},
    )
    try:
        return scrape(process.metrics).names()
    finally:
        assert process.stop() == 0


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    (group,) = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def panels() -> list[dict[str, Any]]:
    """The dashboard's panels."""
    found: list[dict[str, Any]] = json.loads(
        (FOLDER / "dashboard.json").read_text(),
    )["panels"]
    return found


def metrics_in(expression: str) -> Iterator[str]:
    """The metrics that an expression names."""
    yield from _METRIC.findall(_IN_QUOTES.sub('""', expression))


def test_the_dashboard_asks_for_metrics_that_exist(known: set[str]) -> None:
    asked = [
        target["expr"] for panel in panels() for target in panel.get("targets", [])
    ]
    assert len(asked) > 20
    named = {name for expression in asked for name in metrics_in(expression)}
    assert len(named) > 10
    assert named <= known, named - known


def test_alerts_ask_for_metrics_that_exist(known: set[str]) -> None:
    named = {name for rule in rules() for name in metrics_in(rule["expr"])}
    assert named <= known, named - known


def test_every_metric_of_ours_is_looked_at_by_somebody(known: set[str]) -> None:
    """What nobody would miss need not be counted."""
    texts = [path.read_text() for path in FOLDER.glob("*.*")]
    for name in known:
        if name.startswith("prospectconnect_") and not name.endswith("_created"):
            stem = re.sub(r"_(total|bucket|count|sum)$", "", name)
            assert any(stem in text for text in texts), name


def test_panels_do_not_lie_on_each_other() -> None:
    places = [panel["gridPos"] for panel in panels()]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in panels()}) == len(places)


def test_every_alert_has_its_part_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    headings = set(re.findall(r"^### (\w+)$", runbook, re.MULTILINE))
    assert {rule["alert"] for rule in rules()} == headings
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        link = f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["annotations"]["runbook"] == link


@pytest.mark.needs_program("promtool")
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yaml"),
        ("check", "config", "prometheus.yaml"),
        ("test", "rules", "alerts_test.yaml"),
    ],
)
def test_prometheus_takes_the_files(arguments: tuple[str, ...]) -> None:
    result = subprocess.run(
        ["promtool", *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.needs_program("promtool")
def test_rules_that_are_wrong_are_found_out(tmp_path: Path) -> None:
    """The unit tests fail when an alert fires too late."""
    for path in FOLDER.glob("alerts*.yaml"):
        text = path.read_text().replace("for: 30s", "for: 10m")
        (tmp_path / path.name).write_text(text)
    command = ["promtool", "test", "rules", "alerts_test.yaml"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 1
    assert b"DatabaseOutOfReach" in result.stderr + result.stdout
