"""What a command says of its progress where there is no terminal."""

import pytest

from deploy.progress import counting


@pytest.mark.parametrize(
    ("total", "step", "lines"), [(13_658, 1_000, 6), (3, 1, 4), (1_000_000, 1_000, 11)]
)
def test_a_count_is_told_every_now_and_then(
    total: int, step: int, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with counting("Loading", total) as report:
        for done in range(step, total + step, step):
            report(min(done, total))
    told = capsys.readouterr()
    assert told.out == ""
    first, *others = told.err.splitlines()
    assert first == f"Loading: {total:,}"
    assert 1 + len(others) == lines
    assert all(f"of {total:,}" in each for each in others)
