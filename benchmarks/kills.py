"""What is left of a run that is killed: `python benchmarks/kills.py [--kills N]`.

Runs with a managed server, which has a child of its own, are killed (SIGKILL) at random moments. Of each the
history must parse up to at most one torn record, its last, and no process may be left. Exit code 1 otherwise.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sync_check.harness.randomness import Randomness

_LATEST_S: Final = 6.0
"""By then a run of these scenarios is nearly over, also on a busy machine."""
_GONE_BUDGET_S: Final = 15.0
_SCENARIOS: Final = ("messages/edit", "messages/delete")
_CHILD: Final = "sleep 600 & echo $! > child; echo $$ > server; exec"


def killed(folder: Path, moment_s: float) -> tuple[int, bool]:
    """Kill a run at a moment; returns how many records are torn, and whether a process was left."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = f"{_CHILD} {sys.executable} -m sync_check serve --port {port} --log off"
    profile = (
        f'url = "http://127.0.0.1:{port}"\n[target.process]\ncommand = {json.dumps(["sh", "-c", serve])}\n'
    )
    (folder / "own.toml").write_text(profile, encoding="utf-8")
    run = subprocess.Popen(
        (sys.executable, "-m", "sync_check", "run", *_SCENARIOS, "--clients", "3", "--profile", "own.toml"),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        run.wait(moment_s)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.wait()
    pids = [int(path.read_text()) for path in (folder / "child", folder / "server") if _is_written(path)]
    return _torn(folder), not _all_gone(pids)


def _is_written(path: Path) -> bool:
    return path.is_file() and path.read_text().strip().isdigit()


def _all_gone(pids: Sequence[int]) -> bool:
    """Whether all of these processes end within the budget."""
    tick, waited = threading.Event(), 0.0
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if waited > _GONE_BUDGET_S:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            return False
        tick.wait(0.1)
        waited += 0.1
    return True


def _torn(folder: Path) -> int:
    """The lines of the histories below a folder that are no JSON; one that is not the last counts for two."""
    torn = 0
    for history in folder.glob("**/history.ndjson"):
        lines = history.read_bytes().splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                json.loads(line)
            except ValueError:
                torn += 1 if number == len(lines) else 2
    return torn


def main() -> int:
    """Kill, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    given = parser.parse_args()
    chance = Randomness(given.seed).stream("kills")
    parsed = left = 0
    for _ in range(given.kills):
        with tempfile.TemporaryDirectory() as folder:
            torn, is_left = killed(Path(folder), chance.uniform(0.2, _LATEST_S))
            parsed += torn <= 1
            left += is_left
    sys.stdout.write(
        f"{parsed} of {given.kills} histories parse up to at most one torn record; "
        f"{given.kills - left} of {given.kills} left no process\n"
    )
    return 0 if parsed == given.kills and not left else 1


if __name__ == "__main__":
    sys.exit(main())
