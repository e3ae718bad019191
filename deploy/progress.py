"""What a command tells on its way: on standard error, in colours on a terminal.

Standard output is left to what the command was asked for. Nothing fails because nobody
can be told.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from deploy.standard_streams import give_up

_PLAIN_STEP = 100_000  # records between two lines where there is no terminal


def note(text: str) -> None:
    """Tells one thing, if there is somebody to tell it to, and room."""
    console = Console(stderr=True)
    with _told(2):
        console.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


def fail(text: str) -> None:
    """Tells why a command cannot do what it was told."""
    console = Console(stderr=True)
    with _told(2):
        console.print("Error: ", style="bold red", end="")
        console.print(text, markup=False, highlight=False, soft_wrap=True)


def announce(text: str) -> None:
    """Tells on standard output that a server is ready; it serves unheard as well."""
    with _told(1):
        click.echo(text)


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


@contextmanager
def _told(stream: int) -> Iterator[None]:
    """Gives up a stream that is full, or that nobody reads any more."""
    try:
        yield
    except OSError:
        give_up(stream)


def _plain_count(title: str) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % _PLAIN_STEP == 0:
            note(f"{title}: {done:,} done")

    return tell
