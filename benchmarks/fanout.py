"""What the reference server's fan-out and its idle connections cost: `python benchmarks/fanout.py [--quick]`.

Server and clients run in processes of their own. Three bounds are checked, and missing one gives exit code 1:

* CPU per delivery of a message posted inside the server process (stored, reach evaluated, encoded and
  delivered: all that REST and gateway do behind their parsing), divided by CPU per delivery of a bare loop
  that writes as many bytes to as many transports of the same event loop. The two are measured alternately, in
  pairs.
* Resident memory of the server for each idle connection: authenticated, `ready` received, subscribed to
  nothing. For the subscribed connections of the first measurement it is measured too.
* The number of connections that one server process holds at a time.

Linux only: resident memory is read from /proc.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from crowd import Crowd, subscribe, upgrade

MAX_RATIO: Final = 1.5
MAX_KILOBYTES: Final = 25.0
_FILES_BESIDE: Final = 200
_WARM_UP: Final = 100
_READY: Final = b'"t":"ready"'
_SUBSCRIBED: Final = b'"t":"subscribed"'


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`connections` of `users` get each of `messages` in every one of `rounds`; `held` stay idle."""

    connections: int
    users: int
    messages: int
    rounds: int
    held: int


QUICK: Final = Plan(connections=200, users=50, messages=20, rounds=5, held=1000)
FULL: Final = Plan(connections=1000, users=125, messages=20, rounds=15, held=5000)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came out. Times are CPU of the server process per delivery; a spread is smallest and largest."""

    connections: int
    fanout_us: float
    bare_us: float
    ratio: float
    ratio_spread: tuple[float, float]
    subscribed_kilobytes: float
    held: int
    idle_kilobytes: float

    def missed(self, plan: Plan) -> list[str]:
        """The bounds that were missed, in words."""
        checks = {
            f"the ratio is above {MAX_RATIO}": self.ratio > MAX_RATIO,
            f"an idle connection takes more than {MAX_KILOBYTES:.0f} KB": self.idle_kilobytes > MAX_KILOBYTES,
            f"a subscribed one takes more than {MAX_KILOBYTES:.0f} KB": self.subscribed_kilobytes
            > MAX_KILOBYTES,
            f"fewer than {plan.held} connections were held": self.held < plan.held,
        }
        return [words for words, is_missed in checks.items() if is_missed]


class Server:
    """The server process; it ends with its standard input."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.facts: dict[str, Any] = {}

    async def heard(self) -> dict[str, Any]:
        """The next line that it says."""
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return answer

    async def asked(self, step: str, times: int) -> tuple[float, int]:
        """CPU seconds for `times` steps, and how many connections each of them reached."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{step} {times}\n".encode())
        answer = await self.heard()
        return answer["cpu_s"], answer["reached"]

    def resident_kilobytes(self) -> float:
        """The memory that it really takes now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return float(status.partition("VmRSS:")[2].split()[0])


@asynccontextmanager
async def server_of(users: int) -> AsyncIterator[Server]:
    """A fresh server process with so many accounts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("serving.py")),
        f"--users={users}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    server = Server(process)
    try:
        server.facts = await server.heard()
        yield server
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def measure_fanout(plan: Plan) -> dict[str, Any]:
    """The first measurement, with the memory of its subscribed connections."""
    async with server_of(plan.users) as server:
        facts, crowd = server.facts, Crowd()
        command = subscribe(facts["guild_id"], facts["channel_id"])
        hellos = cycle([upgrade(token) + command for token in facts["tokens"]])
        few = min(_WARM_UP, plan.connections // 2)
        await crowd.come(facts["port"], hellos, welcome=_SUBSCRIBED, count=few)
        before = server.resident_kilobytes()
        await crowd.come(facts["port"], hellos, welcome=_SUBSCRIBED, count=plan.connections - few)
        grown = server.resident_kilobytes() - before
        await crowd.come(facts["bare_port"], cycle([b""]), welcome=b"", count=plan.connections)
        costs: dict[str, list[float]] = {"say": [], "write": []}
        for number in range(-1, plan.rounds):
            # The first round warms up; then each of the two goes first in every other round.
            for step in ("say", "write") if number % 2 else ("write", "say"):
                cost = await _delivered(server, crowd, step, plan)
                if number >= 0:
                    costs[step].append(cost)
        crowd.leave()
    ratios = [say / write for say, write in zip(costs["say"], costs["write"], strict=True)]
    return {
        "connections": plan.connections,
        "fanout_us": statistics.median(costs["say"]),
        "bare_us": statistics.median(costs["write"]),
        "ratio": statistics.median(ratios),
        "ratio_spread": (min(ratios), max(ratios)),
        "subscribed_kilobytes": grown / (plan.connections - few),
    }


async def _delivered(server: Server, crowd: Crowd, step: str, plan: Plan) -> float:
    """Microseconds per delivery of one round, all of which has arrived when this returns."""
    cpu_s, reached = await server.asked(step, plan.messages)
    assert reached == plan.connections
    await crowd.messages.wait_for(plan.messages * plan.connections)
    return cpu_s * 1e6 / (plan.messages * plan.connections)


async def measure_idle(plan: Plan) -> dict[str, Any]:
    """The memory of idle connections, and whether all of them are held."""
    async with server_of(plan.users) as server:
        crowd = Crowd()
        hellos = cycle([upgrade(token) for token in server.facts["tokens"]])
        few = min(_WARM_UP, plan.held // 2)
        await crowd.come(server.facts["port"], hellos, welcome=_READY, count=few)
        before = server.resident_kilobytes()
        await crowd.come(server.facts["port"], hellos, welcome=_READY, count=plan.held - few)
        grown = server.resident_kilobytes() - before
        held = plan.held - crowd.lost
        crowd.leave()
    return {"held": held, "idle_kilobytes": grown / (plan.held - few)}


def table(result: Result) -> str:
    """What people read."""
    low, high = result.ratio_spread
    rows = [
        (f"fan-out to {result.connections}, CPU per delivery", f"{result.fanout_us:.2f} us", ""),
        ("bare loop, CPU per delivery", f"{result.bare_us:.2f} us", ""),
        ("ratio, median", f"{result.ratio:.2f}", f"<= {MAX_RATIO}; {low:.2f} to {high:.2f}"),
        ("memory per idle connection", f"{result.idle_kilobytes:.1f} KB", f"<= {MAX_KILOBYTES:.0f} KB"),
        (
            "memory per subscribed connection",
            f"{result.subscribed_kilobytes:.1f} KB",
            f"<= {MAX_KILOBYTES:.0f} KB",
        ),
        ("connections held by one process", f"{result.held}", ""),
    ]
    return "".join(f"{what:<38} {value:>10}   {bound}".rstrip() + "\n" for what, value, bound in rows)


def plan_of(arguments: list[str] | None) -> Plan:
    """The plan that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller plan, for a first look")
    for name in Plan.__dataclass_fields__:
        parser.add_argument(f"--{name}", type=int, metavar="N")
    given = vars(parser.parse_args(arguments))
    base = QUICK if given.pop("quick") else FULL
    plan = Plan(**asdict(base) | {name: number for name, number in given.items() if number is not None})
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = max(2 * plan.connections, plan.held) + _FILES_BESIDE
    if allowed < needed:
        parser.error(f"only {allowed} open files are allowed; run `ulimit -n {needed}` first")
    return plan


async def measure(plan: Plan) -> Result:
    """Both measurements, one after the other."""
    return Result(**await measure_fanout(plan), **await measure_idle(plan))


def main(arguments: list[str] | None = None) -> int:
    """Measure and report; returns the exit code."""
    plan = plan_of(arguments)
    result = asyncio.run(measure(plan))
    missed = result.missed(plan)
    sys.stdout.write(table(result))
    sys.stdout.write(json.dumps({**asdict(result), "missed": missed}) + "\n")
    sys.stderr.write("".join(f"missed: {words}\n" for words in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
