"""Where the blocks of a page are run: one shell and one Python, both in one folder.

A shell block fails when a command fails, and `curl` does so from status 400 on unless
the block says that it shows a refusal. A session that failed is over.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from tests.guides.pages import GuideError

PATIENCE_SECONDS = 180.0
_MARK = "end-of-block"

_BASH = ("bash", "--noprofile", "--norc", "-euo", "pipefail", "-s")
_PYTHON = (sys.executable, "-u", str(Path(__file__).with_name("python_session.py")))


class Session:
    """A program that is told blocks, one after the other."""

    def __init__(self, language: str, folder: Path, env: Mapping[str, str]) -> None:
        self._language, self._folder = language, folder
        self._count = 0
        for name, line in (("strict", "fail-with-body"), ("lenient", "")):
            (folder / name).mkdir(exist_ok=True)
            (folder / name / ".curlrc").write_text(line)
        self._process = subprocess.Popen(
            _BASH if language == "sh" else _PYTHON,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that what it started ends with it
        )

    def run(self, source: str, may_be_refused: bool) -> str:
        """Runs a block and returns its output. Raises GuideError."""
        self._count += 1
        file = self._folder / f".block-{self._count}.{self._language}"
        file.write_text(source)
        if self._language == "sh":
            home = self._folder / ("lenient" if may_be_refused else "strict")
            return self._tell(f"export CURL_HOME={home}; . {file}; echo; echo {_MARK}")
        return self._tell(f"{_MARK} {file}")

    def close(self) -> None:
        """Ends the program and all that it started."""
        with self._process:
            self._end()

    def _end(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _tell(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        watchdog = threading.Timer(PATIENCE_SECONDS, self._end)
        watchdog.start()
        output: list[str] = []
        try:
            for said in self._process.stdout:
                if said == f"{_MARK}\n":
                    return "".join(output).removesuffix("\n")
                output.append(said)
        finally:
            watchdog.cancel()
        raise GuideError(f"failed with {self._process.wait()}: {''.join(output)}")
