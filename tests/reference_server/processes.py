"""A server as a process of its own, with pipes for its standard streams."""

import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from tests.reference_server.running import WITHIN_S
from tests.sync_check.command import forked_module


class ServerProcess:
    """A server that was forked from a process that had loaded it; used as `subprocess.Popen` is."""

    def __init__(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        reads, self.stdin = _pipe()
        self.stdout, out = _pipe()
        self.stderr, err = _pipe()
        with reads, out, err:
            self._forked = forked_module(
                "sync_check.reference_server", *words, streams=(reads, out, err), env=environment
            )

    @property
    def returncode(self) -> int | None:
        """Its exit code, or minus the signal that ended it, once it was waited for."""
        return self._forked.code

    def send_signal(self, number: signal.Signals) -> None:
        self._forked.send(number)

    def wait(self, timeout: float = WITHIN_S) -> int:
        """As `returncode`; one that does not end within `timeout` seconds is killed, which is a failure."""
        if self._forked.code is None:
            return self._forked.wait(timeout)
        return self._forked.code

    def communicate(self, timeout: float = WITHIN_S) -> tuple[str, str]:
        """End its standard input, wait for its end, and return what it said and complained of."""
        self.stdin.close()
        self.wait(timeout)
        return self.stdout.read(), self.stderr.read()

    def end(self) -> None:
        """Kill it, if it was not waited for, and let go of the pipes."""
        for stream in (self.stdin, self.stdout, self.stderr):
            stream.close()
        if self._forked.code is None:
            self._forked.send(signal.SIGKILL)
            self._forked.wait()


def _pipe() -> tuple[IO[str], IO[str]]:
    reads, writes = os.pipe()
    return os.fdopen(reads), os.fdopen(writes, "w")


@contextmanager
def announced(
    *words: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[ServerProcess, dict[str, Any]]]:
    """A server process, and what it announces."""
    process = ServerProcess(*words, environment=environment)
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.end()


@contextmanager
def started(*words: str) -> Iterator[tuple[ServerProcess, str]]:
    """A server process and its base URL."""
    with announced(*words) as (process, told):
        yield process, told["listening"]
