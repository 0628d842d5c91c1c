"""Processes that work for another one leave signals to it, answer in order, and end when it ends."""

import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from sync_check.sharing_out import portions, shared_out
from sync_check.stopping import Stop, Stopping
from tests.sync_check.command import BUDGET_S, arguments


def children(pid: int) -> list[int]:
    """The processes that a process started, as the system tells them."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _in_turn(share: tuple[Path, bool], _stop: Stop | None) -> bool:
    """Whether the share is the first one, which is over only once the second one is."""
    done, is_first = share
    if not is_first:
        done.touch()
    while not done.exists():
        os.sched_yield()
    return is_first


def test_what_shares_come_to_is_told_in_their_order(tmp_path: Path) -> None:
    """Or which of two programs of one finding is told would be chance."""
    shares = [(tmp_path / "done", True), (tmp_path / "done", False)]
    assert list(shared_out(_in_turn, shares, 2, Stopping())) == [True, False]


def _fails_first(share: int, stop: Stop | None) -> int:
    if share == 0:
        raise ValueError("the first one")
    while stop is not None and not stop.is_set():
        os.sched_yield()
    return share


def test_where_one_share_fails_nobody_waits_for_the_others() -> None:
    with pytest.raises(ValueError, match="the first one"):
        list(shared_out(_fails_first, range(20), 2, Stopping()))


def test_nothing_new_is_begun_once_stopped() -> None:
    stop = Stopping()
    worked: list[int] = []

    def work(share: int, _stop: Stop | None) -> int:
        worked.append(share)
        stop.set()
        return share

    assert list(shared_out(work, [1, 2, 3], 1, stop)) == worked == [1]


@pytest.mark.parametrize(("programs", "jobs"), [(1, 1), (1, 64), (31, 2), (1000, 2), (1001, 3)])
def test_every_program_is_in_one_share(programs: int, jobs: int) -> None:
    numbers = [number for first, some in portions(programs, jobs) for number in range(first, first + some)]
    assert numbers == list(range(programs))


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
