"""What a run was estimated to take, and what it took: `python benchmarks/estimates.py [SCENARIO …]`.

A server whose rates are no obstacle is served, and the scenarios are run on it several times. A line for each
run; more than a quarter too much or too little gives exit code 1. Meant for a machine that does nothing else.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from strangers import RAISED, served

_WITHIN: Final = 0.25


def one_run(url: str, clients: int, scenarios: list[str]) -> tuple[float, float, float | None]:
    """Seconds that were foreseen and taken, and the milliseconds of a request that this rests on."""
    settings = [word for name, value in RAISED.items() for word in ("--set", f"limits.{name}={value}")]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report")
        words = ("run", *scenarios, "--clients", str(clients), "--target", url, "--report", str(report))
        subprocess.run(
            (sys.executable, "-m", "sync_check", *words, *settings, "--set", "trusts_proxy=true"),
            stdout=subprocess.DEVNULL,
            check=True,
            env=os.environ,
        )
        first, *_, last = (report / "history.ndjson").read_text(encoding="utf-8").splitlines()
    foreseen = json.loads(first)["estimate"]
    return foreseen["seconds"], json.loads(last)["at"] / 1e6, foreseen["request_ms"]


def main() -> int:
    """Run and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    wrong = 0
    raised = [f"--limit={name}={value}" for name, value in RAISED.items()]
    with served((*raised, "--trust-proxy", "127.0.0.1/32")) as (url, _):
        for _ in range(given.times):
            foreseen, took, request_ms = one_run(url, given.clients, given.scenarios)
            wrong += abs(foreseen / took - 1) > _WITHIN
            sys.stdout.write(
                f"{foreseen:6.1f} s foreseen at {request_ms or 0:.2f} ms a request, {took:6.1f} s taken:"
                f" {foreseen / took - 1:+.0%}\n"
            )
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
