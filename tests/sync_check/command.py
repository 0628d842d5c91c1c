"""Running the real command line in a process of its own."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sync_check.cli import main

BUDGET_S = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str


def arguments(*words: str) -> list[str]:
    return [sys.executable, "-m", "sync_check", *words]


def sync_check(*words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Ran:
    done = subprocess.run(
        arguments(*words),
        capture_output=True,
        text=True,
        timeout=BUDGET_S,
        cwd=cwd,
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def sync_check_here(*words: str, environment: dict[str, str] | None = None) -> Ran:
    """The same in this process, with these variables besides: for what ends before anything is started."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["sync-check", *words])
        for name, value in (environment or {}).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    return Ran(code=int(ended.value.code or 0), out=out.getvalue(), err=err.getvalue())


def one_sentence(err: str) -> str:
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("sync-check: ")
    assert "Traceback" not in err
    return lines[0]


def report_of(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


def history_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "history.ndjson").read_bytes().splitlines()]


def verdicts_of(folder: Path) -> dict[str, str]:
    return {scenario["id"]: scenario["verdict"] for scenario in report_of(folder)["scenarios"]}


@contextmanager
def serving(*words: str, environment: dict[str, str] | None = None) -> Iterator[str]:
    """`sync-check serve` on a free port, with these variables besides; gives its URL."""
    process = subprocess.Popen(
        arguments("serve", "--port", "0", *words),
        stdout=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield next(word for word in line.split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait(BUDGET_S)
        assert process.stdout is not None
        process.stdout.close()
