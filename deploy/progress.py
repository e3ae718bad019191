"""The progress of a command, on standard error, with colours on a terminal.

Standard output is only for the result of the command. A command does not fail because
its progress cannot be written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from deploy.standard_streams import give_up

# Without a terminal: so many lines for a count, at most so many records between two.
_PLAIN_LINES, _PLAIN_STEP = 5, 100_000


def note(text: str) -> None:
    """Writes one line, if it can be written."""
    console = Console(stderr=True)
    with _told(2):
        console.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


def fail(text: str) -> None:
    """Writes why a command has failed."""
    console = Console(stderr=True)
    with _told(2):
        console.print("Error: ", style="bold red", end="")
        console.print(text, markup=False, highlight=False, soft_wrap=True)


def announce(text: str) -> None:
    """Writes to standard output that a server is ready. Ignores errors of writing."""
    with _told(1):
        click.echo(text)


@contextmanager
def counting(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows progress towards a total; yields a function that takes the count so far."""
    console = Console(stderr=True)
    if not console.is_terminal:
        note(f"{title}: {total:,}")
        yield _plain_count(title, total)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(title, *columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def _told(stream: int) -> Iterator[None]:
    """Abandons a stream if it is full or has no reader any more."""
    try:
        yield
    except OSError:
        give_up(stream)


def _plain_count(title: str, total: int) -> Callable[[int], None]:
    step = max(1, min(_PLAIN_STEP, total // _PLAIN_LINES))
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        if done // step > told:
            told = done // step
            note(f"{title}: {done:,} of {total:,}")

    return tell
