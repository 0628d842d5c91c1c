"""A reference server of our own, in a process that lives no longer than the run that needs it.

HarnessError
 └── EmbeddedServerFailed            it did not come up
      └── EmbeddedServerUnreachable  it came up and could not be tested
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from sync_check.harness.errors import HarnessError, TargetUnavailable

_START_BUDGET_S: Final = 20.0
_STOP_BUDGET_S: Final = 5.0
_CANNOT_LISTEN: Final = 4
"""The exit code of `sync_check.reference_server` where it cannot listen."""
_STDERR: Final = 2
_CHUNK: Final = 65536


class EmbeddedServerFailed(HarnessError):
    """The embedded reference server did not come up; `detail` is why."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"the embedded reference server did not start: {self.detail}"


class EmbeddedServerUnreachable(EmbeddedServerFailed):
    """The embedded reference server came up and could not be tested; `detail` is why."""

    def __str__(self) -> str:
        return (
            f"the embedded reference server cannot be reached: {self.detail}; make sure that programs on this"
            " machine can connect to each other over the loopback interface, or name a server with --target"
        )


@asynccontextmanager
async def embedded_server(options: Sequence[str]) -> AsyncIterator[str]:
    """The URL of a reference server run with these `options`, which is stopped afterwards.

    Raises `EmbeddedServerFailed` when it does not start, and `EmbeddedServerUnreachable` in place of a
    `TargetUnavailable` from inside, which names a URL that nobody typed.
    """
    process = await _start(options)
    passing_on: list[asyncio.Task[None]] = []
    try:
        url = await _listening(process)
        passing_on.append(asyncio.create_task(_pass_on(process)))
        yield url
    except TargetUnavailable as error:
        raise EmbeddedServerUnreachable(error.reason) from error
    finally:
        await _stop(process)
        await asyncio.gather(*passing_on)


async def _start(options: Sequence[str]) -> asyncio.subprocess.Process:
    # Its standard input is the rope that it hangs on: when this process ends, however, it reads the end.
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sync_check.reference_server",
        "--embedded",
        "--port=0",
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def _listening(process: asyncio.subprocess.Process) -> str:
    """The URL that the server announces; raises `EmbeddedServerFailed`."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_BUDGET_S):
            line = await process.stdout.readline()
            if not line:
                raise EmbeddedServerFailed(await _why_ended(process))
    except TimeoutError:
        raise EmbeddedServerFailed(f"it said nothing within {_START_BUDGET_S:.0f} s") from None
    try:
        return str(json.loads(line)["listening"])
    except (ValueError, KeyError, TypeError):
        raise EmbeddedServerFailed(f"it said {line[:200]!r}") from None


async def _why_ended(process: asyncio.subprocess.Process) -> str:
    """The last line of what a server said that has ended; if there are more, a traceback, all are shown."""
    assert process.stderr is not None
    said = await process.stderr.read()
    code = await process.wait()
    if code == _CANNOT_LISTEN:
        # What it says itself names port 0, which nobody typed.
        return (
            "it found no free port on the loopback interface;"
            " end programs that hold many ports, or name a server with --target"
        )
    lines = said.decode(errors="backslashreplace").splitlines()
    if len(lines) > 1:
        _show(said)
    return lines[-1] if lines else f"it ended with exit code {code}"


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
