"""`python -m tests.hostile.forking`: runs the command line again and again, each time in a process.

What a run needs is imported once; then each line of JSON on standard input (`Wanted`) is one fork, which is
answered by a line of JSON (`Ran`). So a run costs what it does, not what its start does.
"""

import gc
import json
import os
import resource
import select
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Final

BUDGETS: Final = {
    "sync_check.conformance.repetition:ATTEMPTS": 1,
    "sync_check.harness.preflight:BUDGET_S": 4.0,
    "sync_check.harness.adapter.rest:CALL_BUDGET_S": 1.0,
    "sync_check.harness.caller:PATIENCE_S": 1.0,
    "sync_check.harness.client:ANSWER_BUDGET_S": 1.0,
    "sync_check.harness.client:END_BUDGET_S": 1.0,
    "sync_check.harness.client:OPEN_BUDGET_S": 1.0,
    "sync_check.harness.network.sockets:CLOSE_BUDGET_S": 0.5,
    "sync_check.harness.fence:FENCE_BUDGET_S": 1.0,
    "sync_check.harness.engine:SCENARIO_BUDGET_S": 4.0,
    "sync_check.harness.engine:TIDYING_BUDGET_S": 1.0,
    "sync_check.harness.speed:BUDGET_S": 0.5,
}
"""How long the parts of a run may take here, in seconds, and how often a scenario is played."""
_ITS_PARTS: Final = (
    "speed:BUDGET_S",
    "preflight:BUDGET_S",
    "engine:SCENARIO_BUDGET_S",
    "engine:TIDYING_BUDGET_S",
)
RUN_BUDGET_S: Final = sum(BUDGETS[f"sync_check.harness.{part}"] for part in _ITS_PARTS)
"""How long a run of one scenario may take here, all in all."""
LONGEST_S: Final = 60
"""A run that takes longer is killed, which is a failure."""
MOST_BYTES: Final = 2 << 30
"""Of address space, so that a run that does not stop growing hurts nobody else."""
_MODULES: Final = ("sync_check.cli.running", "httpcore", "anyio._backends._asyncio", "uvloop", "certifi")
_PAGE: Final = resource.getpagesize()


def main() -> None:
    """Fork for every line until there is none, several at a time."""
    for module in (*_MODULES, *(name.partition(":")[0] for name in BUDGETS)):
        import_module(module)
    gc.collect()
    gc.freeze()
    running: dict[int, str] = {}
    # Its handler wakes the poll: a child has ended.
    wakes, woken = os.pipe2(os.O_NONBLOCK)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(wakes, select.POLLIN)
    rest = b""
    while True:
        for number, _ in poll.poll():
            if number == wakes:
                os.read(wakes, 1024)
                _reap(running)
                continue
            read = os.read(0, 65536)
            if not read:
                return
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                wanted = json.loads(line)
                running[_fork(wanted)] = wanted["folder"]


def _fork(wanted: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _run(wanted)
    return child


def _reap(running: dict[int, str]) -> None:
    """Tell of all that have ended."""
    while running:
        child, status, usage = os.wait4(-1, os.WNOHANG)
        if child == 0:
            return
        folder = running.pop(child)
        began = Path(folder, "began").read_text()
        ran = {
            "folder": folder,
            "code": os.waitstatus_to_exitcode(status),
            "grown": usage.ru_maxrss * 1024 - int(Path(folder, "before").read_text()),
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "wall_s": _now_s() - float(began),
            "queued_s": _number(folder, "queued"),
        }
        sys.stdout.write(json.dumps(ran) + "\n")
        sys.stdout.flush()


def _now_s() -> float:
    """Seconds on the system's monotonic clock; no loop runs here whose clock could be asked."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def _number(folder: str, name: str) -> float:
    """What a run wrote down at its end; nothing if it did not come to that."""
    path = Path(folder, name)
    return float(path.read_text()) if path.exists() else 0.0


def _run(wanted: dict[str, Any]) -> None:
    """Be `sync-check` with these words, in a folder, saying what it says into `out` and `err` there."""
    os.chdir(wanted["folder"])
    signal.alarm(LONGEST_S)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    Path("before").write_text(str(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE))
    Path("began").write_text(str(_now_s()))
    _shorten()
    sys.argv = ["sync-check", *wanted["words"]]
    code = 70
    try:
        import_module("sync_check.cli").main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # How long it was ready to go on and had no core to do so.
        Path("queued").write_text(str(int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9))
        os._exit(code)


def _shorten() -> None:
    for name, seconds in BUDGETS.items():
        module, _, budget = name.partition(":")
        setattr(import_module(module), budget, seconds)


if __name__ == "__main__":
    main()
