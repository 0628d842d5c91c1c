"""Whatever ends a run: the embedded server never outlives it, and what was seen is written."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from sync_check.conformance.history import read_history
from tests.sync_check.command import Forked, report_of, talking

BUDGET_S = 30.0


@contextmanager
def running(folder: Path) -> Iterator[tuple[Forked, Callable[[], str]]]:
    """A run of every scenario, and what waits for its end and returns what it complained of."""
    words = ("run", "--clients", "30", "--report", str(folder))
    with TemporaryFile("w+") as err, talking(*words, err=err) as (command, said):

        def complaints() -> str:
            said.read()
            command.wait()
            err.seek(0)
            return err.read()

        assert said.readline()  # said once the embedded server listens, so that little is left to be polled
        yield command, complaints


def until(condition: Callable[[], bool], what: str) -> None:
    """Poll the operating system, which gives no event for what is awaited here."""
    give_up = time.perf_counter() + BUDGET_S
    while not condition():
        assert time.perf_counter() < give_up, f"waited in vain until {what}"
        os.sched_yield()


def partial_history(folder: Path) -> Path | None:
    found = list(folder.parent.glob(f"*{folder.name}*.partial/history.ndjson"))
    return found[0] if found else None


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()] if tasks.exists() else []


@contextmanager
def ending(pid: int) -> Iterator[None]:
    """The process, which runs, has ended soon after the block."""
    handle = os.pidfd_open(pid)
    try:
        yield
        assert select.select([handle], [], [], BUDGET_S)[0], "waited in vain until the embedded server ended"
    finally:
        os.close(handle)


def has_begun(folder: Path) -> bool:
    history = partial_history(folder)
    return history is not None and b'"scenario_begun"' in history.read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_still_writes_everything(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "report"
    with running(folder) as (run, complaints):
        until(lambda: has_begun(folder), "the first scenario began")
        (server,) = children(run.pid)
        with ending(server):
            run.send(number)
            err = complaints()
    assert run.code == 130, err
    assert "Traceback" not in err
    report = report_of(folder)
    assert report["interrupted"] is True
    assert report["verdict"] == "inconclusive"
    with (folder / "history.ndjson").open("rb") as lines:
        kinds = [record.kind for record in read_history(lines)]
    assert kinds[-1] == "run_ended"


def test_the_embedded_server_dies_with_a_run_that_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    with running(folder) as (run, _):
        until(lambda: has_begun(folder), "the first scenario began")
        (server,) = children(run.pid)
        with ending(server):
            run.send(signal.SIGKILL)
            run.wait()
    history = partial_history(folder)
    assert history is not None
    with history.open("rb") as lines:
        assert len(list(read_history(lines))) > 1


def test_a_target_that_dies_is_a_finding_and_leaves_the_rest_undecided(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    with running(folder) as (run, complaints):
        until(lambda: has_begun(folder), "the first scenario began")
        (server,) = children(run.pid)
        os.kill(server, signal.SIGKILL)
        complaints()
    assert run.code == 1
    report = report_of(folder)
    first, *rest = report["scenarios"]
    assert first["verdict"] == "fail"
    assert "HEALTH-1" in {finding["requirement"] for finding in first["findings"]}
    undecided = [scenario for scenario in rest if scenario["id"] != "limits/outbound"]
    assert {scenario["verdict"] for scenario in undecided} == {"inconclusive"}
