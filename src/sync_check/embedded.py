"""A reference server of our own, whose processes live no longer than the run that needs it.

HarnessError
 └── EmbeddedServerFailed            it did not come up
      ├── EmbeddedServerKeptOut      it found no port
      └── EmbeddedServerUnreachable  it came up and could not be tested
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import IO, Final
from urllib.parse import urlsplit

from sync_check.harness.clock import Clock
from sync_check.harness.errors import HarnessError, ScenarioHalted, TargetUnavailable
from sync_check.harness.memory import resident_bytes

_START_BUDGET_S: Final = 20.0
_STOP_BUDGET_S: Final = 5.0
_CANNOT_LISTEN: Final = 4
"""The exit code of `sync_check.reference_server` where it cannot listen."""
_BETWEEN_S: Final = 0.1
"""How long to wait before trying again whether its port is free."""
_STDERR: Final = 2
_CHUNK: Final = 65536


class EmbeddedServerFailed(HarnessError):
    """The embedded reference server did not come up; `detail` is why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"the embedded reference server did not start: {self.detail}"


class EmbeddedServerKeptOut(EmbeddedServerFailed):
    """It found no port to listen on."""


class EmbeddedServerUnreachable(EmbeddedServerFailed):
    """The embedded reference server came up and could not be tested; `detail` is why."""

    def __str__(self) -> str:
        return (
            f"the embedded reference server cannot be reached: {self.detail}; make sure that programs on this"
            " machine can connect to each other over the loopback interface, or name a server with --target"
        )


class EmbeddedServer:
    """A reference server run with `options`; after a restart at the same port, with what was stored.

    That is kept in an open `state` file without a name, so that nothing is left of it whatever becomes of us.
    """

    def __init__(self, options: Sequence[str], state: IO[bytes]) -> None:
        self._options = tuple(options)
        self._state = state.fileno()
        self._process: asyncio.subprocess.Process | None = None
        self._passing_on: list[asyncio.Task[None]] = []
        self.url = ""

    async def start(self) -> None:
        """Start it and wait until it listens. Raises `EmbeddedServerFailed`."""
        self._process = await _started(self._options, self._state, urlsplit(self.url).port or 0)
        self.url = await _listening(self._process)
        self._passing_on.append(asyncio.create_task(_pass_on(self._process)))

    async def stop(self, *, killed: bool = False) -> None:
        """Stop it, at once if it is to be `killed`, and show the last that it says."""
        process, self._process = self._process, None
        if process is not None:
            if killed:
                process.kill()
            await _stop(process)
        await asyncio.gather(*self._passing_on)

    async def down(self, *, killed: bool = False) -> None:
        """Stop it for a while, in order and in its own time, or kill it."""
        if self._process is not None and not killed:
            self._process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOP_BUDGET_S):
                    await self._process.wait()
        await self.stop(killed=killed)

    async def up(self) -> None:
        """Start it again where it was. Raises `ScenarioHalted`."""
        clock = Clock()
        try:
            async with clock.deadline(_START_BUDGET_S):
                while await self._is_kept_out():
                    await clock.pause(_BETWEEN_S, "back-off")
        except TimeoutError:
            raise ScenarioHalted(f"the port of the embedded server at {self.url} is in use now") from None
        except EmbeddedServerFailed as error:
            raise ScenarioHalted(str(error)) from error

    def resident_bytes(self) -> int | None:
        """Bytes of memory that it has resident."""
        return None if self._process is None else resident_bytes(self._process.pid)

    async def _is_kept_out(self) -> bool:
        """Start it; whether somebody's connection happens to have its port."""
        try:
            await self.start()
        except EmbeddedServerKeptOut:
            return True
        return False


@asynccontextmanager
async def embedded_server(options: Sequence[str]) -> AsyncIterator[EmbeddedServer]:
    """A reference server run with these `options`, which is stopped afterwards.

    Raises `EmbeddedServerFailed` when it does not start, and `EmbeddedServerUnreachable` in place of a
    `TargetUnavailable` from inside, which names a URL that nobody typed.
    """
    with tempfile.TemporaryFile() as state:
        server = EmbeddedServer(options, state)
        try:
            await server.start()
            yield server
        except TargetUnavailable as error:
            raise EmbeddedServerUnreachable(error.reason) from error
        finally:
            await server.stop()


async def _started(options: Sequence[str], state: int, port: int) -> asyncio.subprocess.Process:
    # Its standard input is the rope that it hangs on: when this process ends, however, it reads the end.
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sync_check.reference_server",
        "--embedded",
        f"--port={port}",
        f"--state-descriptor={state}",
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        pass_fds=(state,),
    )


async def _listening(process: asyncio.subprocess.Process) -> str:
    """The URL that the server announces; raises `EmbeddedServerFailed`."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_BUDGET_S):
            line = await process.stdout.readline()
            if not line:
                raise await _why_ended(process)
    except TimeoutError:
        raise EmbeddedServerFailed(f"it said nothing within {_START_BUDGET_S:.0f} s") from None
    try:
        return str(json.loads(line)["listening"])
    except (ValueError, KeyError, TypeError):
        raise EmbeddedServerFailed(f"it said {line[:200]!r}") from None


async def _why_ended(process: asyncio.subprocess.Process) -> EmbeddedServerFailed:
    """The last line of what a server said that has ended; if there are more, a traceback, all are shown."""
    assert process.stderr is not None
    said = await process.stderr.read()
    code = await process.wait()
    if code == _CANNOT_LISTEN:
        # What it says itself names port 0, which nobody typed.
        return EmbeddedServerKeptOut(
            "it found no free port on the loopback interface;"
            " end programs that hold many ports, or name a server with --target"
        )
    lines = said.decode(errors="backslashreplace").splitlines()
    if len(lines) > 1:
        _show(said)
    return EmbeddedServerFailed(lines[-1] if lines else f"it ended with exit code {code}")


async def _pass_on(process: asyncio.subprocess.Process) -> None:
    """Show what the server says on its standard error, until it ends."""
    assert process.stderr is not None
    while said := await process.stderr.read(_CHUNK):
        _show(said)


def _show(said: bytes) -> None:
    with suppress(OSError):  # nobody reads our standard error, or it is full
        os.write(_STDERR, said)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_BUDGET_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
