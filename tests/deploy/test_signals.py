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

# A process that is told to end while an object goes, where exceptions are ignored.
LOST = """
import asyncio, os, sys
from deploy.signals import exit_on_signals, stop_on_signals

class Gone:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))

async def serve():
    stop_on_signals(stop := asyncio.Event())
    await asyncio.wait_for(stop.wait(), 30)
    print("in order")

exit_on_signals()
gone = Gone()
del gone
asyncio.run(serve())
"""

# A process that is told twice to end, with a task that cannot be cancelled.
STUBBORN = """
import asyncio, os, signal
from deploy import signals

async def stay():
    while True:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            pass

async def serve():
    signals.stop_on_signals(stop := asyncio.Event())
    staying = asyncio.create_task(stay())
    os.kill(os.getpid(), signal.SIGINT)
    await stop.wait()
    os.kill(os.getpid(), signal.SIGINT)
    await staying

signals.exit_on_signals()
signals._LAST_SECONDS = 1
asyncio.run(serve())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_an_object_swallows_ends_the_server(
    number: signal.Signals,
) -> None:
    command = [sys.executable, "-c", LOST, str(int(number))]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.stdout == "in order\n", ended.stderr
    assert ended.returncode == 0


def test_a_second_signal_ends_what_cannot_be_cancelled() -> None:
    command = [sys.executable, "-c", STUBBORN]
    ended = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert ended.returncode == 128 + signal.SIGALRM


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
