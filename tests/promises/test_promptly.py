"""A condition with a time limit is judged by checks that begin after the limit."""

import time

from tests.harness.promptly import within


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
