"""What a command tells on its way: on standard error, in colours on a terminal.

Standard output is left to what the command was asked for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

_PLAIN_STEP = 100_000  # records between two lines where there is no terminal


def note(text: str) -> None:
    """Tells one thing, if there is somebody to tell it to, and room."""
    console = Console(stderr=True)
    with suppress(OSError):
        console.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


def fail(text: str) -> None:
    """Tells why a command cannot do what it was told."""
    console = Console(stderr=True)
    console.print("Error: ", style="bold red", end="")
    console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def counting(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows how many of a total are done; yields what is told the count so far."""
    console = Console(stderr=True)
    if not console.is_terminal:
        note(f"{title}: {total:,}")
        yield _plain_count(title)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(title, *columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)


def _plain_count(title: str) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % _PLAIN_STEP == 0:
            note(f"{title}: {done:,} done")

    return tell
