"""Runs commands of `pcrm`: in this process, which is fast, or as a program."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pcrm.start import main

_ROOT = Path(__file__).parents[3]
PROGRAM = [sys.executable, "-m", "pcrm"]
_PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result, which is JSON where nobody watches."""
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """Somebody's shell: the variables that count."""

    variables: Mapping[str, str]

    def run(self, *arguments: str, stdin: str = "") -> Done:
        """Runs a command in this process."""
        out, err = io.StringIO(), io.StringIO()
        code = 0
        with (
            patch.dict(os.environ, self.variables, clear=True),
            patch("sys.stdin", io.StringIO(stdin)),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main(list(arguments))
            except SystemExit as end:
                code = int(end.code or 0)
        return Done(code, out.getvalue(), err.getvalue())

    def program(self, *arguments: str, stdin: str = "") -> Done:
        """Runs a command as a program of its own."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begins a command that goes on until it is stopped."""
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        """The variables of a program."""
        paths = (
            _ROOT / each for each in ("deploy/clients/python", "gen/clients/python")
        )
        return {**self.variables, "PYTHONPATH": ":".join(map(str, paths))}

    def with_(self, **variables: str) -> "Shell":
        """A shell with further variables; an empty one is taken away."""
        told = {**self.variables, **variables}
        return Shell({name: value for name, value in told.items() if value})
