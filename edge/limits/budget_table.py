"""The table of budgets, in memory that the processes of one machine share.

What is kept of a budget is its theoretical arrival time (TAT, of GCRA): the moment
when it will be whole again. `Table` is compiled where it can be (`budgets.c`): then
what it does takes so little that hardly anybody ever waits for the lock.
"""

import fcntl
from mmap import mmap

BUCKET_SLOTS = 8
REGIONS = 3  # tokens, tenants, addresses
# A slot: the hash of the budget's key, and its TAT in nanoseconds since 1970.
# Integers, because a double near 1.8e9 seconds counts only in quarters of a
# microsecond, and that would add up.
SLOT_BYTES = 16
# Behind the slots, for the lock of the compiled table.
LOCK_BYTES = 64

Spans = tuple[int, int, int]  # a limit's window, interval and burst, in nanoseconds


def bytes_of(slots: int) -> int:
    """How much memory a table needs with so many slots a region."""
    return REGIONS * slots * SLOT_BYTES + LOCK_BYTES


class PureTable:
    """A region each for tokens, tenants and addresses, of a fixed size, so that none
    of them fights another for a slot.

    When its bucket is full, a new budget takes the place of the one that is whole
    again soonest, which forgets the least. Keys are hashes of 63 bits, times are
    nanoseconds.
    """

    def __init__(self, memory: mmap, slots: int, file: int) -> None:
        """Lays the table over memory of `bytes_of(slots)`.

        Args:
            memory: Mapped from the file, or of this process alone.
            slots: The size of a region, a multiple of 8.
            file: Whose first byte is locked; -1 for no lock.
        """
        self._words = memoryview(memory).cast("Q")
        self._file = file
        self._buckets = slots // BUCKET_SLOTS
        self._tokens, self._tenants, self._addresses = 0, slots, 2 * slots

    def take(
        self, token: int, tenant: int, own: Spans, shared: Spans, now: int
    ) -> tuple[int, int, int, int]:
        """Takes one from the token's and the tenant's budget, or from neither.

        Returns the TATs of both afterwards, and how long each of them had to wait for
        one; both are 0 or less where it was taken.
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
        """Takes one from an address's budget; how long it has to wait for one."""
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
        """Gives back what `pace` has taken."""
        _, interval, _ = limit
        self._lock(fcntl.LOCK_EX)
        try:
            slot = self._slot(address, self._addresses) + 1
            self._words[slot] = max(0, self._words[slot] - interval)
        finally:
            self._lock(fcntl.LOCK_UN)

    def close(self) -> None:
        """Lets the memory go."""
        self._words.release()

    def _lock(self, operation: int) -> None:
        """Locks the table for this process alone, or unlocks it.

        The lock is the system's, which frees it should this process die.
        """
        if self._file >= 0:
            fcntl.lockf(self._file, operation, 1)

    def _slot(self, key: int, start: int) -> int:
        """The index of a key's slot, or of the slot that it may take over."""
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
    """The TAT of a budget as it stands now."""
    if kept <= now or kept > now + 2 * window:
        return now  # or the clock was set back: nobody earns so distant a TAT
    return kept


try:
    from edge.limits._budgets import Table
except ImportError:  # there was no compiler
    Table = PureTable  # type: ignore[assignment, misc]  # it has the same methods

__all__ = ["LOCK_BYTES", "PureTable", "Spans", "Table", "bytes_of"]
