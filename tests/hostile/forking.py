"""`python -m tests.hostile.forking`: runs the command line again and again, each time in a process of its own.

What a run needs is imported once; then each line of JSON on standard input (`Wanted`) is one fork, which is
answered by a line of JSON (`Ran`). So a run costs what it does, not what its start does.
"""

import gc
import json
import os
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

BUDGETS: Final = {
    "sync_check.harness.preflight:BUDGET_S": 2.0,
    "sync_check.harness.rest:CALL_BUDGET_S": 1.0,
    "sync_check.harness.client:ANSWER_BUDGET_S": 1.0,
    "sync_check.harness.client:END_BUDGET_S": 1.0,
    "sync_check.harness.network.sockets:OPEN_BUDGET_S": 1.0,
    "sync_check.harness.network.sockets:CLOSE_BUDGET_S": 0.5,
    "sync_check.harness.fence:FENCE_BUDGET_S": 1.0,
    "sync_check.harness.engine:SCENARIO_BUDGET_S": 4.0,
}
"""How long the parts of a run may take here, in seconds, so that nobody waits for what never comes."""
LONGEST_S: Final = 40
"""A run that takes longer is killed, which is a failure."""
_MODULES: Final = ("sync_check.cli.commands", "httpcore", "anyio._backends._asyncio", "uvloop", "certifi")
_PAGE: Final = resource.getpagesize()


def main() -> None:
    """Fork for every line until there is none."""
    for module in (*_MODULES, *(name.partition(":")[0] for name in BUDGETS)):
        import_module(module)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        _serve(json.loads(line))


def _serve(wanted: dict[str, Any]) -> None:
    child = os.fork()
    if child == 0:
        _run(wanted)
    _, status, usage = os.wait4(child, 0)
    before = int(Path(wanted["folder"], "before").read_text())
    ran = {
        "code": os.waitstatus_to_exitcode(status),
        "grown": usage.ru_maxrss * 1024 - before,
        "cpu_s": usage.ru_utime + usage.ru_stime,
    }
    sys.stdout.write(json.dumps(ran) + "\n")
    sys.stdout.flush()


def _run(wanted: dict[str, Any]) -> None:
    """Be `sync-check` with these words, in a folder, saying what it says into `out` and `err` there."""
    os.chdir(wanted["folder"])
    signal.alarm(LONGEST_S)
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    Path("before").write_text(str(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE))
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
        os._exit(code)


def _shorten() -> None:
    for name, seconds in BUDGETS.items():
        module, _, budget = name.partition(":")
        setattr(import_module(module), budget, seconds)
    # What has read a budget when it was defined.
    rest, sockets = import_module("sync_check.harness.rest"), import_module("sync_check.harness.network.sockets")
    rest.RestClient.__init__.__kwdefaults__["budget_s"] = rest.CALL_BUDGET_S
    sockets.open_gateway.__kwdefaults__["budget_s"] = sockets.OPEN_BUDGET_S


if __name__ == "__main__":
    main()
