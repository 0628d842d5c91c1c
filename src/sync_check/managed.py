"""A target that the run itself starts, waits for and stops: `[target.process]` of a profile.

HarnessError
 └── ProcessFailed   the command did not become a server
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Final

from sync_check.conformance.contract.operations import ReadHealth
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.clock import Clock
from sync_check.harness.errors import HarnessError, ScenarioHalted, TargetUnavailable
from sync_check.harness.memory import resident_bytes
from sync_check.harness.redaction import Secrets
from sync_check.harness.target import Process, Target
from sync_check.server_log import slices

_OK: Final = 200
_BETWEEN_S: Final = 0.1
"""How long to wait before asking again whether a server is ready."""
_KILLED: Final = 128
"""What the guard, like a shell, adds to the number of a signal."""
_NOT_THERE: Final = (502, 503, 504)
"""What a proxy answers behind which nobody listens: the command may become the server behind it."""
_LAST_BYTES: Final = 16 * 1024
_LAST_LINES: Final = 10
_LONGEST_LINE: Final = 400
_PARTING: Final = b"\n"
"""Also what ends a last line that an earlier run left unfinished."""
_NOTICED_WITHIN_S: Final = 1.0
"""How much later than a connection that breaks the end of the process may be noticed."""
_MARGIN_S: Final = 5.0
"""How much longer than the command the guard may take."""
_AT_ONCE: Final = b"!"
"""Any word at all tells the guard to kill."""


class ProcessFailed(HarnessError):
    """The command of `target.process` did not become a server; `detail` is why, `said` what it said last."""

    def __init__(self, detail: str, said: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.said = tuple(said)

    def __str__(self) -> str:
        sentence = f"target.process did not become a server: {self.detail}"
        return f"{sentence}; it last said: {self.said[0]}" if len(self.said) == 1 else sentence

    @property
    def lines(self) -> Sequence[str]:
        """What it said last, where that is more than the sentence holds."""
        return ("it last said:", *(f"  {line}" for line in self.said)) if len(self.said) > 1 else ()


class ManagedProcess:
    """The process of a target, which can be restarted and whose output goes to a file."""

    def __init__(self, target: Target, process: Process, log: IO[bytes]) -> None:
        self._target = target
        self._process = process
        self._log = log
        self._guard: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._begin = log.tell()
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done when it has ended before it was stopped, with how, in words."""

    def said_of(self, request_ids: Iterable[str]) -> Sequence[str]:
        """The lines that it logged in this run with one of the request ids. Raises `OSError`."""
        return tuple(slices(Path(self._log.name), request_ids, self._begin))

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises `ProcessFailed`."""
        process = self._process
        if await self._is_taken():
            # It would be taken for the server that this command becomes.
            advice = "stop that first, or give the command and `url` another port"
            raise ProcessFailed(f"another one answers at {self._target.url} already: {advice}")
        self._guard = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "sync_check.guard", process.stop, str(process.stop_within_s), *process.command),
            stdin=asyncio.subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            cwd=process.folder,
            env={**os.environ, **process.environment},
            start_new_session=True,
        )
        self._watching = asyncio.create_task(self._watch(self._guard))
        try:
            await self._ready()
        except BaseException:
            await self.stop()
            raise

    async def down(self, *, killed: bool = False) -> None:
        """Stop it for a while, or kill it."""
        _mark(self._log, "kills it for a restart" if killed else "stops it for a restart")
        await self.stop(killed=killed)

    async def up(self) -> None:
        """Start it again and wait until it is ready. Raises `ScenarioHalted`."""
        _mark(self._log, "starts it again")
        try:
            await self.start()
        except ProcessFailed as error:
            raise ScenarioHalted(str(error)) from error

    def resident_bytes(self) -> int | None:
        """Bytes of memory that it has resident, with all that it started, and the guard."""
        return None if self._guard is None else resident_bytes(self._guard.pid)

    async def stop(self, *, killed: bool = False) -> None:
        """Stop it, its process group and all, at once if it is to be `killed`."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        if self._watching is not None:
            self._watching.cancel()
        assert guard.stdin is not None
        if killed:
            guard.stdin.write(_AT_ONCE)
        guard.stdin.close()
        try:
            async with asyncio.timeout(self._process.stop_within_s + _MARGIN_S):
                await guard.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                guard.send_signal(signal.SIGKILL)
            await guard.wait()

    async def has_ended(self) -> bool:
        """Whether it has ended, or does so at once: a connection breaks a little before that is known."""
        await asyncio.wait((self.ended,), timeout=_NOTICED_WITHIN_S)
        return self.ended.done()

    def failed(self) -> ProcessFailed:
        """The error to raise when it has ended before anything was tested."""
        return ProcessFailed(f"it {self.ended.result()}", self.last_lines())

    def last_lines(self, redact: Callable[[str], str] | None = None) -> Sequence[str]:
        """The last lines that it wrote in this run, at most ten, without secrets. Raises `OSError`.

        Those are the secrets that `redact` knows, else those of the profile.
        """
        redact = redact or self._redact
        with Path(self._log.name).open("rb") as log:
            log.seek(max(self._begin, log.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = log.read().decode(errors="backslashreplace").strip().splitlines()
        # Cut last: half a secret is none that could be found.
        return tuple(_cut(redact(line)) for line in lines[-_LAST_LINES:])

    def _redact(self, text: str) -> str:
        secrets = Secrets()
        for number, secret in enumerate(self._target.secrets, start=1):
            secrets.learn(secret, "profile", f"secret{number}")
        return secrets.redact(text)

    async def _is_taken(self) -> bool:
        rest = TargetRest(self._target, Clock())
        try:
            answer = await rest.send(ReadHealth(), token=None, request_id="ready")
            return not answer.unreachable and answer.status not in _NOT_THERE
        finally:
            await rest.aclose()

    async def _watch(self, guard: asyncio.subprocess.Process) -> None:
        code = await guard.wait()
        if not self.ended.done():
            self.ended.set_result(_words_for(code))

    async def _ready(self) -> None:
        clock = Clock()
        rest = TargetRest(self._target, clock)
        try:
            async with clock.deadline(self._process.ready_within_s):
                while not self.ended.done():
                    answer = await rest.send(ReadHealth(), token=None, request_id="ready")
                    # Whoever answers after its end is another one.
                    if answer.status == _OK and not self.ended.done():
                        return
                    await clock.pause(_BETWEEN_S, "back-off")
        except TimeoutError:
            within = f"{self._process.ready_within_s:g} s"
            reason = f"GET {self._target.url}/health did not answer 200 within {within}"
            raise ProcessFailed(reason, self.last_lines()) from None
        finally:
            await rest.aclose()
        raise self.failed()


def _words_for(code: int) -> str:
    number = -code if code < 0 else code - _KILLED
    return (
        f"ended with signal {number}" if number in signal.valid_signals() else f"ended with exit code {code}"
    )


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


@asynccontextmanager
async def managed(target: Target, run_id: str) -> AsyncIterator[ManagedProcess | None]:
    """The target's process, started first and stopped afterwards; None where it has none to start.

    Its log says where the run of that id begins.

    Raises `ProcessFailed`.
    """
    process = target.process
    if process is None:
        yield None
        return
    with _log_of(process) as log:
        log.write(_PARTING if log.tell() else b"")
        _mark(log, f"run {run_id}")
        running = ManagedProcess(target, process, log)
        await running.start()
        try:
            yield running
        except TargetUnavailable as error:
            if await running.has_ended():
                raise running.failed() from error
            raise
        finally:
            await running.stop()


def _mark(log: IO[bytes], text: str) -> None:
    """Write a line of ours."""
    log.write(f"--- sync-check {text}\n".encode())
    log.flush()


def _log_of(process: Process) -> IO[bytes]:
    if process.log is None:
        return tempfile.NamedTemporaryFile(prefix="sync-check-", suffix=".log")
    try:
        return Path(process.log).open("ab")
    except OSError as error:
        raise ProcessFailed(f"its log {process.log!r} cannot be written: {error.strerror}") from None
