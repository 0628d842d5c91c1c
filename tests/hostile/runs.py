"""Real runs of the command line against hostile servers, several at a time, and what came of them."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.hostile.behaviours import Way
from tests.hostile.server import hostile
from tests.reference_server.running import running

AT_ONCE: Final = 6
CLIENTS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A finished run: its exit code, what it said, and what it cost.

    `grown` is by how many bytes its resident memory was larger at its largest than at its start, `wall_s` how
    long it took, without what it had to wait for a core.
    """

    way: Way
    code: int
    folder: Path
    grown: int
    cpu_s: float
    wall_s: float
    requests: int
    elsewhere: int

    @property
    def out(self) -> str:
        return (self.folder / "out").read_bytes().decode("utf-8", "surrogateescape")

    @property
    def err(self) -> str:
        return (self.folder / "err").read_bytes().decode("utf-8", "surrogateescape")

    def report(self, name: str) -> str | None:
        """A file of the report; None if the run wrote none."""
        path = self.folder / "report" / name
        return path.read_bytes().decode() if path.exists() else None


class Forks:
    """A process that forks for every run (see `forking`)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._awaited: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def run(self, words: list[str], folder: Path) -> dict[str, Any]:
        """What is told of a run in a folder, once it has ended."""
        assert self._process.stdin is not None
        self._awaited[str(folder)] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"words": words, "folder": str(folder)}).encode() + b"\n")
        return await self._awaited[str(folder)]

    async def listen(self) -> None:
        """Take what the process tells, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            self._awaited.pop(told["folder"]).set_result(told)
        for left in self._awaited.values():
            left.set_exception(ChildProcessError("the process that forks has ended"))


@asynccontextmanager
async def forks() -> AsyncIterator[Forks]:
    """Start it, and end it at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hostile.forking", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    own = Forks(process)
    listening = asyncio.create_task(own.listen())
    try:
        yield own
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await listening
        await process.wait()


async def run_all(ways: Iterable[Way], folder: Path) -> dict[str, Ran]:
    """A run against each, `AT_ONCE` at a time, all of them before one faithful server."""
    waiting = list(ways)[::-1]
    done: dict[str, Ran] = {}

    async def work(own: Forks, port: int) -> None:
        while waiting:
            way = waiting.pop()
            (folder / way.name).mkdir()
            done[way.name] = await _run(way, own, folder / way.name, port)

    async with forks() as own, running(without=frozenset()) as faithful, asyncio.TaskGroup() as working:
        for _ in range(AT_ONCE):
            working.create_task(work(own, faithful.port))
    return done


async def _run(way: Way, own: Forks, folder: Path, port: int) -> Ran:
    async with hostile(way.behave, port) as (url, traffic):
        words = ["run", way.scenario, "--target", url, "--clients", str(CLIENTS), "--report", "report"]
        told = await own.run(words, folder)
        return Ran(
            way=way,
            code=told["code"],
            folder=folder,
            grown=told["grown"],
            cpu_s=told["cpu_s"],
            wall_s=told["wall_s"] - told["queued_s"],
            requests=len(traffic.requests),
            elsewhere=traffic.elsewhere,
        )
