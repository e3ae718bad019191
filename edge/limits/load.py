"""The load of an edge: the requests in progress, in all and of each tenant and address.

Requests beyond the limit are refused at once: they would wait in a long queue and make
all others slower. Neither one tenant nor the requests without a token can fill the edge
alone. The bytes of bodies that are being read are limited in the same way.
"""

from edge.figures import Figures
from edge.problems import unavailable

# The bytes of bodies that arrive in parts, of all requests together: 64 of the largest
# size. What has arrived with its head is no more than a connection's buffer, and is
# bounded by the number of requests.
MOST_BYTES = 64 * 1024 * 1024

NOBODY = ""  # the owner of all requests without a token


class Load:
    """The requests in progress, in one event loop."""

    def __init__(
        self,
        most: int,
        figures: Figures | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.most = most
        self.most_of_one = max(1, most // 2)
        self.most_of_address = max(1, most // 4)
        self.most_bytes = most_bytes
        self.figures = figures
        self.all = 0
        self.bytes = 0
        # By tenant or address; only those with requests in progress.
        self.requests_of: dict[str, int] = {}
        self.bytes_of: dict[str, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether another request would be refused."""
        return self.all >= self.most


class Entry:
    """A request and its part of the load, from `begin` to `end`.

    All methods except `end` may raise ProblemError UNAVAILABLE.
    """

    __slots__ = ("_address", "_bytes", "_has_begun", "_load", "_owner")

    def __init__(self, load: Load) -> None:
        self._load = load
        self._has_begun = False
        self._owner: str | None = None
        self._address: str | None = None
        self._bytes = 0

    def begin(self) -> None:
        """Counts the request."""
        load = self._load
        if load.all >= load.most:
            _refuse(load)
        load.all += 1
        self._has_begun = True

    def count_for(self, tenant: str) -> None:
        """Counts it for its tenant."""
        load = self._load
        number = load.requests_of.get(tenant, 0)
        if number >= load.most_of_one:
            _refuse(load)
        load.requests_of[tenant] = number + 1
        self._owner = tenant

    def count_for_address(self, address: str) -> None:
        """Counts it for an address, as it has no token."""
        load = self._load
        if load.requests_of.get(address, 0) >= load.most_of_address:
            _refuse(load)
        self.count_for(NOBODY)
        load.requests_of[address] = load.requests_of.get(address, 0) + 1
        self._address = address

    def hold(self, number: int) -> None:
        """Counts bytes of its body, which are in memory until the request ends.

        Raises RuntimeError before the request is counted for a tenant or an address.
        """
        owner, load = self._owner, self._load
        if owner is None:
            raise RuntimeError("A body is read before its request counts for anybody.")
        own = load.bytes_of.get(owner, 0) + number
        if load.bytes + number > load.most_bytes or own > load.most_bytes // 2:
            _refuse(load)
        load.bytes += number
        load.bytes_of[owner] = own
        self._bytes += number

    def leave(self) -> None:
        """Counts it out before its end: from here on it waits, and costs nothing."""
        self.end()
        self._has_begun = False

    def end(self) -> None:
        """The request was answered, or its client has disconnected."""
        load, owner = self._load, self._owner
        if not self._has_begun:
            return
        load.all -= 1
        if owner is None:
            return
        _lower(load.requests_of, owner, 1)
        if self._address is not None:
            _lower(load.requests_of, self._address, 1)
        if self._bytes:
            load.bytes -= self._bytes
            _lower(load.bytes_of, owner, self._bytes)


def _lower(numbers: dict[str, int], key: str, by: int) -> None:
    """Lowers a number, and removes it at zero."""
    left = numbers[key] - by
    if left:
        numbers[key] = left
    else:
        del numbers[key]


def _refuse(load: Load) -> None:
    if load.figures is not None:
        load.figures.shed += 1
    raise unavailable("Too much is asked for at once. Try again.")
