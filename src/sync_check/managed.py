"""A target that the run itself starts, waits for and stops: `[target.process]` of a profile.

HarnessError
 └── ProcessFailed   the command did not become a server
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Final

from sync_check.conformance.contract.operations import ReadHealth
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.clock import Clock
from sync_check.harness.errors import HarnessError
from sync_check.harness.redaction import Secrets
from sync_check.harness.target import Process, Target
from sync_check.server_log import slices

_OK: Final = 200
_BETWEEN_S: Final = 0.1
"""How long to wait before asking again whether a server is ready."""
_LAST_BYTES: Final = 2048
_MARGIN_S: Final = 5.0
"""How much longer than the command the guard may take."""


class ProcessFailed(HarnessError):
    """The command of `target.process` did not become a server; `detail` is why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"target.process did not become a server: {self.detail}"


class ManagedProcess:
    """The process of a target, whose output goes to a file."""

    def __init__(self, target: Target, process: Process, log: IO[bytes]) -> None:
        self._target = target
        self._process = process
        self._log = log
        self._guard: asyncio.subprocess.Process | None = None
        self._begin = log.tell()

    def said_of(self, request_ids: Iterable[str]) -> Sequence[str]:
        """The lines that it logged in this run with one of the request ids. Raises `OSError`."""
        return tuple(slices(Path(self._log.name), request_ids, self._begin))

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises `ProcessFailed`."""
        process = self._process
        if await self._is_ready():
            # It would be taken for the server that this command becomes.
            raise ProcessFailed(f"another one answers at {self._target.url} already: stop it first")
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
        try:
            await self._ready(self._guard)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop it, its process group and all."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        assert guard.stdin is not None
        guard.stdin.close()
        try:
            async with asyncio.timeout(self._process.stop_within_s + _MARGIN_S):
                await guard.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                guard.send_signal(signal.SIGKILL)
            await guard.wait()

    async def _is_ready(self) -> bool:
        rest = TargetRest(self._target, Clock())
        try:
            return (await rest.send(ReadHealth(), token=None, request_id="ready")).status == _OK
        finally:
            await rest.aclose()

    async def _ready(self, guard: asyncio.subprocess.Process) -> None:
        clock = Clock()
        rest = TargetRest(self._target, clock)
        ended = asyncio.create_task(guard.wait())
        try:
            async with clock.deadline(self._process.ready_within_s):
                while not ended.done():
                    answer = await rest.send(ReadHealth(), token=None, request_id="ready")
                    if answer.status == _OK:
                        return
                    await clock.pause(_BETWEEN_S, "back-off")
        except TimeoutError:
            within = f"{self._process.ready_within_s:g} s"
            reason = f"GET {self._target.url}/health did not answer 200 within {within}{self._last_words()}"
            raise ProcessFailed(reason) from None
        finally:
            ended.cancel()
            await rest.aclose()
        raise ProcessFailed(f"it ended with exit code {guard.returncode}{self._last_words()}")

    def _last_words(self) -> str:
        """The last line that it wrote, without the secrets that it was given with our environment."""
        secrets = Secrets()
        for number, secret in enumerate(self._target.secrets, start=1):
            secrets.learn(secret, "profile", f"secret{number}")
        with Path(self._log.name).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = log.read().decode(errors="backslashreplace").strip().splitlines()
        return f"; it last said: {secrets.redact(lines[-1])}" if lines else ""


@asynccontextmanager
async def managed(target: Target) -> AsyncIterator[ManagedProcess | None]:
    """The target's process, started first and stopped afterwards; None where it has none to start.

    Raises `ProcessFailed`.
    """
    process = target.process
    if process is None:
        yield None
        return
    with _log_of(process) as log:
        running = ManagedProcess(target, process, log)
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


def _log_of(process: Process) -> IO[bytes]:
    if process.log is None:
        return tempfile.NamedTemporaryFile(prefix="sync-check-", suffix=".log")
    try:
        return Path(process.log).open("ab")
    except OSError as error:
        raise ProcessFailed(f"its log {process.log!r} cannot be written: {error.strerror}") from None
