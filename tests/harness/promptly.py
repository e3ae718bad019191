"""What must become true within a time, told alike by a fast and by a busy machine."""

import time
from collections.abc import Callable


def within(seconds: float, ask: Callable[[], object]) -> bool:
    """Whether a question is answered with yes from a time on.

    It is asked again and again until the answer is yes. A no is wrong only if the
    question was asked when the time was over: on a busy machine the answer to an
    earlier one comes late, and says what was true before.
    """
    over = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        if ask():
            return True
        if asked >= over:
            return False
