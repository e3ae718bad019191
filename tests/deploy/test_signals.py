"""What a process makes of signals before it serves, and of those it shall not hear."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import stacks
from tests.deploy import program

# A process that is told to end, and once more while it leaves things in order.
LEAVING = """
import os, signal, sys
from deploy.signals import exit_on_signals

exit_on_signals()
number = int(sys.argv[1])
try:
    os.kill(os.getpid(), number)
finally:
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGUSR1)
    print("in order")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_what_has_begun_is_left_in_order(number: signal.Signals) -> None:
    command = [sys.executable, "-c", LEAVING, str(int(number))]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.stdout == "in order\n", ended.stderr
    assert ended.returncode == 128 + number


def test_a_process_that_outlives_its_terminal_does(
    database_url: str, tmp_path: Path
) -> None:
    place = ("--no-demo", "--database-url", database_url)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does
    try:
        process = stacks.start(*program.serve(tmp_path, *place))
    finally:
        signal.signal(signal.SIGHUP, before)
    process.handle.send_signal(signal.SIGHUP)
    assert program.get(process.http, "/readyz")[0] == 200
    assert process.stop() == 0
