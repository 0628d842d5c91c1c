"""Running the real command line in a process of its own."""

import atexit
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest

from sync_check.cli import main
from tests.sync_check.forking import Wanted

BUDGET_S = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str


def arguments(*words: str) -> list[str]:
    return [sys.executable, "-m", "sync_check", *words]


class Forked:
    """A program that runs; `forking` has forked it."""

    def __init__(self, told: int) -> None:
        self._told = os.fdopen(told, "rb", buffering=0)
        self.pid = self._next()
        self.code: int | None = None
        """Its exit code, or minus the signal that ended it, once it was waited for."""

    def _next(self, within_s: float = BUDGET_S) -> int:
        assert select.select([self._told], [], [], within_s)[0], "it took too long"
        return int(self._told.readline())

    def wait(self, within_s: float = BUDGET_S) -> int:
        """Its exit code, or minus the signal that ended it; one that takes longer is killed."""
        with self._told:
            try:
                self.code = self._next(within_s)
            except AssertionError:
                self.send(signal.SIGKILL)
                raise
        return self.code

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


@cache
def _forks() -> socket.socket:
    """Where programs are asked for. The process that forks ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        forks = subprocess.Popen(
            [sys.executable, "-m", "tests.sync_check.forking", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
    atexit.register(_end, ours, forks)
    return ours


def _end(wanted: socket.socket, forks: subprocess.Popen[bytes]) -> None:
    wanted.close()
    forks.wait(BUDGET_S)


def forked(
    *words: str,
    out: IO[Any],
    err: IO[Any] | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> Forked:
    """`sync-check` with these words, saying what it says into these files."""
    with Path(os.devnull).open("rb") as nothing:
        return forked_module("sync_check", *words, streams=(nothing, out, err), cwd=cwd, env=env)


def forked_module(
    module: str,
    *words: str,
    streams: tuple[IO[Any], IO[Any], IO[Any] | None],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Forked:
    """What `python -m` makes of the module and these words, with these as its standard streams."""
    variables = dict(os.environ if env is None else env)
    wanted = Wanted(module=module, words=[*words], folder=str(cwd or Path.cwd()), environment=variables)
    numbers = [2 if stream is None else stream.fileno() for stream in streams]
    reads, writes = os.pipe()
    socket.send_fds(_forks(), [json.dumps(wanted).encode()], [*numbers, writes])
    os.close(writes)
    return Forked(reads)


@contextmanager
def talking(
    *words: str, err: IO[Any] | None = None, cwd: Path | None = None, env: dict[str, str] | None = None
) -> Iterator[tuple[Forked, IO[str]]]:
    """The command while it runs, and what it says; it is killed if nobody waited for its end."""
    reads, writes = os.pipe()
    with os.fdopen(reads) as said:
        with os.fdopen(writes, "wb") as out:
            command = forked(*words, out=out, err=err, cwd=cwd, env=env)
        try:
            yield command, said
        finally:
            if command.code is None:
                command.send(signal.SIGKILL)
                command.wait()


def interrupted(command: Forked, said: IO[str]) -> str:
    """The last line of a command that is interrupted, which says how far it came."""
    command.send(signal.SIGINT)
    out = said.read()
    assert command.wait() == 130, out
    last = out.splitlines()[-1]
    assert last.startswith("INTERRUPTED  ")
    assert last.endswith(" \u00b7 exit code 130")
    return last


def sync_check(*words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Ran:
    """The command in a process of its own, which has loaded everything already."""
    with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
        code = forked(*words, out=out, err=err, cwd=cwd, env=env).wait()
        said = [_said(stream) for stream in (out, err)]
    return Ran(code=code, out=said[0], err=said[1])


def _said(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


def sync_check_anew(*words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Ran:
    """The same in a process that starts as a user's does: for what its start, or the interpreter, decides."""
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
    env = {**os.environ, **(environment or {})}
    with talking("serve", "--port", "0", *words, env=env) as (server, said):
        try:
            yield next(word for word in said.readline().split() if word.startswith("http"))
        finally:
            server.send(signal.SIGTERM)
            server.wait()
