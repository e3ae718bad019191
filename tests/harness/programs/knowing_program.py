"""The program with tokens that stay known, so that no clock decides what it asks.

`python -m tests.harness.programs.knowing_program ARGUMENT...` runs the command line.
The product looks a token up anew after 0.4 s, and on a busy machine a request may take
as long.
"""

from typing import Any
from unittest.mock import patch

from deploy.commands.command_line import main
from edge.callers.caller_cache import CallerCache
from services.iam.access import Access

_SECONDS = 3_600.0


def program() -> tuple[str, ...]:
    """The command that `tests.stacks.start` runs instead of the product."""
    return (__spec__.name,)


def keep_tokens_known() -> None:
    """Has edge and services of this process remember tokens for an hour."""
    look_up, ask = Access.__init__, CallerCache.__init__

    def made_access(self: Access, database: Any, _: float, *more: Any) -> None:
        look_up(self, database, _SECONDS, *more)

    def made_cache(self: CallerCache, resolve: Any, _: float, *more: Any) -> None:
        ask(self, resolve, _SECONDS, *more)

    patch.object(Access, "__init__", made_access).start()
    patch.object(CallerCache, "__init__", made_cache).start()


if __name__ == "__main__":
    keep_tokens_known()
    main()
