"""The table of budgets, in memory that the processes of one machine share.

The table stores the theoretical arrival time (TAT, of GCRA) of each budget: the time
when it will be full again. `Table` is the C version (`budgets.c`) if that was compiled:
it holds the lock so briefly that processes rarely wait for it.
"""

import fcntl
from mmap import mmap

BUCKET_SLOTS = 8
REGIONS = 3  # tokens, tenants, addresses
# A slot: the hash of the budget's key, and its TAT in nanoseconds since 1970.
# Integers, because a double near 1.8e9 seconds has a precision of only a quarter of a
# microsecond, and the errors would add up.
SLOT_BYTES = 16
# After the slots, for the lock of the compiled table.
LOCK_BYTES = 64

Spans = tuple[int, int, int]  # a limit's window, interval and burst, in nanoseconds


def bytes_of(slots: int) -> int:
    """The bytes of a table with `slots` slots in each region."""
    return REGIONS * slots * SLOT_BYTES + LOCK_BYTES


class PureTable:
    """A table with a region of fixed size for tokens, one for tenants, and one for
    addresses, so that they do not compete for slots.

    If its bucket is full, a new budget replaces the one that will be full again first,
    which loses the least. Keys are hashes of 63 bits, times are nanoseconds.
    """

    def __init__(self, memory: mmap, slots: int, file: int) -> None:
        """Places the table in memory of `bytes_of(slots)` bytes.

        Args:
            memory: Mapped from the file, or private to this process.
            slots: The size of a region, a multiple of 8.
            file: The file whose first byte is locked; -1 for no lock.
        """
        self._words = memoryview(memory).cast("Q")
        self._file = file
        self._buckets = slots // BUCKET_SLOTS
        self._tokens, self._tenants, self._addresses = 0, slots, 2 * slots

    def take(
        self, token: int, tenant: int, own: Spans, shared: Spans, now: int
    ) -> tuple[int, int, int, int]:
        """Takes one from the token's and the tenant's budget, or from neither.

        Returns the TATs of both afterwards, and the wait of each for a request; both
        waits are 0 or less if it was taken.
        """
        own_window, own_interval, own_burst = own
        shared_window, shared_interval, shared_burst = shared
        words = self._words
        self._lock(fcntl.LOCK_EX)
        try:
            token_slot = self._slot(token, self._tokens) + 1
            tenant_slot = self._slot(tenant, self._tenants) + 1
            own_tat = _standing(own_window, words[token_slot], now)
            shared_tat = _standing(shared_window, words[tenant_slot], now)
            own_wait = own_tat - now - own_burst
            shared_wait = shared_tat - now - shared_burst
            if own_wait <= 0 and shared_wait <= 0:
                own_tat += own_interval
                shared_tat += shared_interval
                words[token_slot], words[tenant_slot] = own_tat, shared_tat
        finally:
            self._lock(fcntl.LOCK_UN)
        return own_tat, shared_tat, own_wait, shared_wait

    def pace(self, address: int, limit: Spans, now: int) -> int:
        """Takes one from an address's budget; returns the wait, 0 if it was taken."""
        window, interval, burst = limit
        self._lock(fcntl.LOCK_EX)
        try:
            slot = self._slot(address, self._addresses) + 1
            tat = _standing(window, self._words[slot], now)
            wait = tat - now - burst
            if wait <= 0:
                self._words[slot] = tat + interval
        finally:
            self._lock(fcntl.LOCK_UN)
        return max(0, wait)

    def give_back(self, address: int, limit: Spans) -> None:
        """Returns to the budget the request that `pace` has taken."""
        _, interval, _ = limit
        self._lock(fcntl.LOCK_EX)
        try:
            slot = self._slot(address, self._addresses) + 1
            self._words[slot] = max(0, self._words[slot] - interval)
        finally:
            self._lock(fcntl.LOCK_UN)

    def close(self) -> None:
        """Unmaps the memory."""
        self._words.release()

    def _lock(self, operation: int) -> None:
        """Locks the table for this process, or unlocks it.

        It is a lock of the operating system, which releases it if the process dies.
        """
        if self._file >= 0:
            fcntl.lockf(self._file, operation, 1)

    def _slot(self, key: int, start: int) -> int:
        """The index of a key's slot, or of the slot that it may replace."""
        words = self._words
        bucket = start + key % self._buckets * BUCKET_SLOTS
        first = bucket * 2
        indices = range(first, first + BUCKET_SLOTS * 2, 2)
        for index in indices:
            if words[index] == key:
                return index
        oldest = min(indices, key=lambda index: words[index + 1])
        words[oldest], words[oldest + 1] = key, 0
        return oldest


def _standing(window: int, kept: int, now: int) -> int:
    """The current TAT of a budget."""
    if kept <= now or kept > now + 2 * window:
        return now  # or the clock was set back: no use of a budget leads so far
    return kept


try:
    from edge.limits._budgets import Table
except ImportError:  # there was no compiler
    Table = PureTable  # type: ignore[assignment, misc]  # it has the same methods

__all__ = ["LOCK_BYTES", "PureTable", "Spans", "Table", "bytes_of"]
