"""A condition with a time limit is judged by checks that begin after the limit."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from tests.harness.promptly import in_time, slowness, within


def test_what_never_becomes_true_is_found_out() -> None:
    assert not within(0.01, lambda: False)


def test_what_becomes_true_too_late_is_found_out() -> None:
    answers = iter([False, True])
    assert not within(0, lambda: next(answers))


def test_a_late_answer_to_an_early_question_is_no_fault() -> None:
    over = time.monotonic() + 0.6
    asked: list[bool] = []

    def ask() -> bool:
        asked.append(True)
        while time.monotonic() < over:
            pass
        return len(asked) > 1

    assert within(0.5, ask)


def test_a_promise_is_judged_by_what_the_machine_can_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.harness.promptly.slowness", lambda: 3.0)
    assert in_time(4.9, 5.0)
    assert in_time(29.0, 5.0)
    assert not in_time(31.0, 5.0)


def test_a_machine_that_is_full_is_slow() -> None:
    with ExitStack() as running:
        for _ in range(3 * len(os.sched_getaffinity(0))):
            busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            running.enter_context(busy)
            running.callback(busy.kill)
        assert slowness() > 1.5
