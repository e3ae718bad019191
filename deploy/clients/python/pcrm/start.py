"""Starts the command line, and ends it with its exit code."""

import os
import sys
from collections.abc import Sequence

from pcrm.exits import DONE, PROBLEM, STOPPED, WRONG_USE, CommandFailed
from pcrm.telling import say, say_failure

_MISSING = 'pip install "prospectconnect-client[cli]"'


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and exits. `arguments` are those of the program by default."""
    try:
        import click
    except ImportError:
        say(f"Error: pcrm needs packages that are not installed. Try: {_MISSING}", "31")
        sys.exit(WRONG_USE)
    from pcrm.tree import command_tree

    try:
        command_tree().main(arguments, prog_name="pcrm", standalone_mode=False)
        sys.stdout.flush()
        code = DONE
    except CommandFailed as failure:
        sys.stdout.flush()
        say_failure(failure)
        code = failure.code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = WRONG_USE
    except click.ClickException as error:
        error.show()
        code = WRONG_USE
    except (click.Abort, KeyboardInterrupt):
        say("Stopped.")
        code = STOPPED
    except BrokenPipeError:  # the program that reads, such as head, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PROBLEM
    except ModuleNotFoundError as error:
        if error.name not in {"rich", "yaml"}:
            raise
        say(f"Error: the package {error.name} is missing. Try: {_MISSING}", "31")
        code = WRONG_USE
    sys.exit(code)
