"""Processes that explore for another one leave signals to it, and end when it ends."""

import os
import select
import signal
import subprocess
from pathlib import Path

from tests.sync_check.command import BUDGET_S, arguments


def children(pid: int) -> list[int]:
    """The processes that a process started, as the system tells them."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_they_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    words = ("explore", "--programs", "5000", "--jobs", "2", "--save", str(tmp_path))
    process = subprocess.Popen(arguments(*words), stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline().startswith("explore ")
        while len(started := children(process.pid)) < 3:  # one more looks after what they share
            assert process.poll() is None
        handles = [os.pidfd_open(pid) for pid in started]
        os.killpg(process.pid, signal.SIGINT)
        process.kill()
        process.wait(BUDGET_S)
    try:
        for handle in handles:
            assert select.select([handle], [], [], BUDGET_S)[0]
    finally:
        for handle in handles:
            os.close(handle)
