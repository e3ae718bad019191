"""The program whose requests look at few records, so that few are enough for a job.

`python -m tests.harness.programs.brief_program NUMBER ARGUMENT...` runs the command
line as usual; while a request waits, it looks at so many records.
"""

import sys
from types import FunctionType

from services.schema import existing


def program(most_records: int) -> tuple[str, ...]:
    """The command that `tests.stacks.start` runs instead of the product."""
    return (__spec__.name, f"{most_records}")


def _limit(most_records: int) -> None:
    """Puts another number in place of the product's, where that is a default too."""
    usual, existing.MOST_RECORDS = existing.MOST_RECORDS, most_records
    for each in vars(existing).values():
        if isinstance(each, FunctionType) and each.__module__ == existing.__name__:
            each.__defaults__ = tuple(
                most_records if default == usual else default
                for default in each.__defaults__ or ()
            )


if __name__ == "__main__":
    _limit(most := int(sys.argv.pop(1)))
    # These take over the number as they are imported.
    from deploy.commands.command_line import main
    from services.schema import replacing

    replacing.MOST_MOVED = min(replacing.MOST_MOVED, most)
    main()
