"""What a merge does besides for records that lead to the merged ones.

It runs in the transaction of the merge. The merged records are locked by then.
"""

from typing import Protocol

from services.caller import Call
from services.merging.moving import Move
from services.merging.moving_back import Return
from services.postgres.database import Transaction


class Beside(Protocol):
    """A kind of record for which a merge must do more than move what leads there."""

    async def join(self, transaction: Transaction, call: Call, move: Move) -> None:
        """Runs before what leads to the merged records is moved."""

    async def part(self, transaction: Transaction, call: Call, back: Return) -> None:
        """Runs before that is moved back, when the merge is undone."""
