"""The table of a profile: a function's own time, and the time below it once a stack."""

from tests.profiling.table import MOST, busiest

# `ask` calls itself, so that its time must not be counted twice.
STACKS = "main;ask;ask;read 6\nmain;ask;ask 3\nmain 1\n"


def test_own_and_whole_time_are_shares_of_a_request() -> None:
    head, _, *rows = busiest("get", STACKS, 200e-6).splitlines()
    assert head == "get: 200 µs of processor time a request, 10 samples"
    assert [row.split() for row in rows] == [
        ["120.0", "60.0%", "60.0%", "read"],
        ["60.0", "30.0%", "90.0%", "ask"],
        ["20.0", "10.0%", "100.0%", "main"],
    ]


def test_only_the_busiest_functions_are_shown() -> None:
    stacks = "".join(f"f{n} {100 - n}\n" for n in range(MOST + 5))
    rows = busiest("get", stacks, 1e-6).splitlines()[2:]
    assert len(rows) == MOST
    assert "f0" in rows[0]
