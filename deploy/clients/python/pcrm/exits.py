"""The exit codes, and errors that name the next thing to try."""

DONE, PROBLEM, WRONG_USE, NOT_LOGGED_IN, NOT_REACHED = range(5)
STOPPED = 130  # by Ctrl-C, as shells have it


class CommandFailed(Exception):
    """A command that ends with an exit code.

    Attributes:
        lines: Further facts, one a line.
        hint: What to try next.
    """

    def __init__(
        self, message: str, code: int, *, lines: tuple[str, ...] = (), hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.code = message, code
        self.lines, self.hint = lines, hint


def wrong_use(message: str, hint: str = "") -> CommandFailed:
    """The error for arguments that make no call."""
    return CommandFailed(message, WRONG_USE, hint=hint)
