"""The two tables of budgets, compiled and pure: the same to the byte."""

import mmap
import time
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.limits.budget_table import LOCK_BYTES, PureTable, Table, bytes_of
from edge.limits.limit import Limit

SLOTS = 16  # two buckets, so that keys fight for slots
START = 1_800_000_000_000_000_000
YEAR = 31_536_000_000_000_000

needs_compiled = pytest.mark.skipif(
    find_spec("edge.limits._budgets") is None, reason="there was no compiler"
)

keys = st.integers(1, 40) | st.integers(1, 2**63 - 1)
limits = st.builds(Limit, st.integers(1, 2000), st.integers(1, 3600)).map(
    lambda limit: limit.spans
)
# Time passes, stands still, and is sometimes set back or far ahead.
gaps = st.integers(-(10**10), 10**11) | st.sampled_from((0, 1, -YEAR, YEAR))
takes = st.tuples(st.just("take"), gaps, keys, keys, limits, limits)
paces = st.tuples(st.just("pace"), gaps, keys, limits)
returns = st.tuples(st.just("give_back"), gaps, keys, limits)


def memory() -> mmap.mmap:
    return mmap.mmap(-1, bytes_of(SLOTS))


@needs_compiled
@given(st.lists(takes | paces | returns, max_size=60))
def test_both_do_the_same(steps: list[tuple[str, int, int]]) -> None:
    ours, theirs = memory(), memory()
    pure, compiled = PureTable(ours, SLOTS, -1), Table(theirs, SLOTS, -1)
    now = START
    for name, gap, *arguments in steps:
        now += gap
        told = arguments if name == "give_back" else [*arguments, now]
        assert getattr(pure, name)(*told) == getattr(compiled, name)(*told)
    assert ours[:] == theirs[:]


@needs_compiled
def test_a_process_that_died_at_it_holds_nobody_up_for_long() -> None:
    table = Table(shared := memory(), SLOTS, -1)
    limit = Limit(5, 10).spans
    shared[bytes_of(SLOTS) - LOCK_BYTES] = 1  # taken, by nobody who lives
    began = time.monotonic()
    assert table.pace(1, limit, START) == 0
    assert 0.1 <= time.monotonic() - began < 60
    assert shared[bytes_of(SLOTS) - LOCK_BYTES] == 0, "it was let go"


@needs_compiled
def test_misuse_is_an_error_and_no_crash() -> None:
    limit = Limit(5, 10).spans
    with pytest.raises(ValueError, match="too small"):
        Table(mmap.mmap(-1, bytes_of(SLOTS) - 1), SLOTS, -1)
    table = Table(memory(), SLOTS, -1)
    with pytest.raises(TypeError):
        table.pace(1, limit)  # type: ignore[call-arg]  # that is what it is about
    with pytest.raises(TypeError):
        table.pace(1, limit[:2], START)  # type: ignore[arg-type]  # so is this
    with pytest.raises(OverflowError):
        table.pace(2**64, limit, START)
    table.close()
    table.close()
    with pytest.raises(ValueError, match="closed"):
        table.pace(1, limit, START)
