"""What receiving costs the harness: `python benchmarks/receive.py [--quick]`.

One process writes the same frames to all connections; three kinds of clients, each in a process of its own,
take them:

* **ours**: connections with replicas, the history written to a file, and everything judged at the end;
* **count**: one coroutine per connection of the websockets library's asyncio client, which counts messages;
* **bytes**: one bare asyncio protocol per connection, which counts bytes.

CPU time per delivery of *ours* is divided by that of the other two, in the same run, the kinds taking turns.
The second workload has every body distinct. Memory per client is what *ours* takes beyond connections of
the same class that look at nothing. Missing a bound gives exit code 1. Linux only.
"""

import argparse
import asyncio
import base64
import gc
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import uvloop
from websockets.asyncio.client import connect

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.permissions import MEMBER, WORKSPACE_OWNER
from sync_check.conformance.examination import Examination
from sync_check.conformance.history import (
    SCHEMA,
    ClientKnown,
    Ending,
    Estimate,
    FramesReceived,
    Header,
    OperationAnswered,
    OperationInvoked,
    Outcome,
    Purpose,
    Record,
    ScenarioBegun,
    ScenarioEnded,
)
from sync_check.conformance.verdict import Level
from sync_check.harness.accounts import Account, Session
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.caller import Caller
from sync_check.harness.client import Client
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.decoding import Decoder
from sync_check.harness.engine import TOGETHER_S
from sync_check.harness.flood import FloodGauge
from sync_check.harness.gateway import Chunks
from sync_check.harness.journal import Journal
from sync_check.harness.network.sockets import open_gateway
from sync_check.harness.pace import Pace
from sync_check.harness.pool import Pool
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.room import Room
from sync_check.harness.target import Target
from sync_check.targets import RAISED_LIMITS

MAX_TO_COUNT: Final = 1.3
MAX_TO_BYTES: Final = 2.5
MAX_KILOBYTES: Final = 8.0
_FRAME_BYTES: Final = 256
_WITHIN_S: Final = 60.0
_AT_ONCE: Final = 50
_JUDGED_TIMES: Final = 5
_NOW: Final = int(time.time())  # noqa: TID251 - no run has a clock yet


def _ulid(kind: str, number: int = 0) -> str:
    return f"01{kind}{number:0{24 - len(kind)}}"


GUILD, CHANNEL, MESSAGE = _ulid("G"), _ulid("C"), _ulid("M")


def _frame(event: str, payload: dict[str, Any]) -> str:
    return json.dumps({"v": 1, "t": event, "d": payload}, separators=(",", ":"))


def _edit_frame() -> str:
    """An edit whose text names the round where `#` stands, padded to the size of a usual frame."""
    place = {"guild_id": GUILD, "channel_id": CHANNEL, "message_id": MESSAGE}
    fields = {"content": "", "markdown_tokens": []}
    payload: dict[str, Any] = {**place, "updated_fields": fields, "updated_at_unix": _NOW}
    missing = _FRAME_BYTES - len(_frame("message_update", payload)) - len("000000")
    fields["content"] = "#" + "x" * missing
    return _frame("message_update", payload)


EDIT: Final = _edit_frame()


def content_of(number: int) -> str:
    """What the edit of a round sets."""
    text: str = json.loads(EDIT)["d"]["updated_fields"]["content"]
    return text.replace("#", f"{number:06}")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Each of `clients` gets `messages` frames in every one of `rounds`; every body distinct in some more."""

    clients: int
    messages: int
    rounds: int
    distinct_rounds: int


QUICK: Final = Plan(clients=200, messages=20, rounds=5, distinct_rounds=3)
FULL: Final = Plan(clients=1000, messages=20, rounds=15, distinct_rounds=3)


# --- the clients, each in a process of its own


class _Arrivals:
    """Counts what came, and lets the process wait for a number of it."""

    def __init__(self) -> None:
        self.count = 0
        self._due = 0
        self._reached = asyncio.Event()

    def add(self, number: int = 1) -> None:
        self.count += number
        if self.count >= self._due:
            self._reached.set()

    async def wait_for(self, total: int) -> None:
        self._due = total
        if self.count < total:
            self._reached.clear()
            await asyncio.wait_for(self._reached.wait(), _WITHIN_S)


class _Counting:
    """The websockets library's client; looks at nothing."""

    def __init__(self, port: int, clients: int) -> None:
        self._port, self._clients = port, clients
        self.arrivals = _Arrivals()
        self._tasks: list[asyncio.Task[None]] = []

    async def come(self) -> None:
        for start in range(0, self._clients, _AT_ONCE):
            few = range(start, min(start + _AT_ONCE, self._clients))
            sockets = await asyncio.gather(*(self._open(number) for number in few))
            self._tasks += [asyncio.create_task(self._listen(socket)) for socket in sockets]

    async def _open(self, number: int) -> Any:
        return await connect(
            f"ws://127.0.0.1:{self._port}/gateway/ws",
            additional_headers={"Authorization": f"Bearer {_ulid('U', number)}"},
            compression=None,
            ping_interval=None,
        )

    async def _listen(self, socket: Any) -> None:
        async for _ in socket:
            self.arrivals.add()

    async def prepare(self, first: int, messages: int) -> None:
        """Nothing: it does not know what will come."""

    async def finish(self) -> None:
        """Nothing: it has looked at nothing."""


class _Bytes(asyncio.Protocol):
    """A bare protocol; counts bytes."""

    def __init__(self, arrivals: _Arrivals) -> None:
        self._arrivals = arrivals

    def data_received(self, data: bytes) -> None:
        self._arrivals.add(len(data))


class _Reading:
    """Bare connections; `arrivals` are bytes."""

    def __init__(self, port: int, clients: int) -> None:
        self._port, self._clients = port, clients
        self.arrivals = _Arrivals()

    async def come(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self._clients):
            await loop.create_connection(lambda: _Bytes(self.arrivals), "127.0.0.1", self._port)

    async def prepare(self, first: int, messages: int) -> None:
        """Nothing."""

    async def finish(self) -> None:
        """Nothing."""


class _Idle:
    """Our connections without replica, history or judge: what a client is measured against."""

    def __init__(self, port: int, clients: int) -> None:
        self._port, self._clients = port, clients
        self.arrivals = _Arrivals()
        self._chunks = Chunks(entries=256)
        self._sockets: list[Any] = []

    async def come(self) -> None:
        for number in range(self._clients):
            socket = await open_gateway(
                f"http://127.0.0.1:{self._port}",
                token=_ulid("V", number),
                request_id="x",
                on_frame=lambda _data, _binary: self.arrivals.add(),
                on_end=lambda _how, _code, _reason: None,
                chunks=self._chunks,
            )
            self._sockets.append(socket)

    async def prepare(self, first: int, messages: int) -> None:
        """Nothing."""

    async def finish(self) -> None:
        """Nothing."""


class _Ours:
    """The harness as it is, on REST answers that are made up: only receiving is measured."""

    def __init__(self, port: int, clients: int) -> None:
        self.arrivals = _Arrivals()
        self._clients = clients
        self._clock, self._randomness, self._secrets = Clock(), Randomness(1), Secrets()
        self._examination = Examination()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._journal = Journal(
            write=self._write,
            secrets=self._secrets,
            clock=self._clock,
            listeners=(self._examination.add, self._count),
            later=partial(asyncio.get_running_loop().call_later, TOGETHER_S),
        )
        self._ops = count(10**6)
        self._company = self._make_company(port)
        self._journal.listen(FloodGauge(self._company).add)
        self._people: list[Client] = []

    def _write(self, line: bytes) -> None:
        self._file.write(line)

    def _count(self, record: Record) -> None:
        if isinstance(record, FramesReceived):
            self.arrivals.add(len(record.connections))

    def _make_company(self, port: int) -> Company:
        target = Target(
            label="feeder",
            url=f"http://127.0.0.1:{port}",
            # Lists of members, read by everybody, would be most of the judging.
            declared=frozenset((Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.PROFILE)),
            limits=RAISED_LIMITS,
        )
        rest = TargetRest(target, self._clock, transport=httpx.MockTransport(self._answer))
        pace = Pace(RAISED_LIMITS, self._clock)
        caller = Caller(
            rest=rest,
            journal=self._journal,
            pace=pace,
            clock=self._clock,
            randomness=self._randomness,
            secrets=self._secrets,
        )
        pool = Pool(
            caller=caller,
            journal=self._journal,
            clock=self._clock,
            randomness=self._randomness,
            secrets=self._secrets,
            guilds_per_user=10**4,
            url="http://127.0.0.1:1",
        )
        return Company(
            target=target,
            caller=caller,
            pool=pool,
            pace=pace,
            journal=self._journal,
            decoder=Decoder(),
            clock=self._clock,
            randomness=self._randomness,
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        user = request.headers["authorization"].removeprefix("Bearer ")
        body: dict[str, Any] = {}
        if path == "/guilds":
            body = {"guilds": [{"guild_id": GUILD, "name": "room", "visibility": "private"}]}
        elif path.endswith("/channels"):
            body = {"channels": [{"channel_id": CHANNEL, "name": "general", "kind": "text"}]}
        elif path.endswith("/permissions/self"):
            owner, member = (WORKSPACE_OWNER.permissions, MEMBER.permissions)
            is_owner = user == _ulid("V")
            body = {"role": "owner" if is_owner else "member", "permissions": owner if is_owner else member}
        elif path.endswith("/messages"):
            body = {"messages": [_message()], "next_before": None}
        else:
            body = _profile(user)
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(body).encode()), headers=_JSON)

    async def come(self) -> None:
        self._set_up()
        room = Room(guild_id=GUILD, owner=self._people[0], channels={"general": CHANNEL})
        for start in range(0, self._clients, _AT_ONCE):
            few = self._people[start : start + _AT_ONCE]
            await asyncio.gather(*(client.connect(room) for client in few))
        gc.collect()

    def _set_up(self) -> None:
        record = self._journal.record
        target = self._company.target
        record(
            Header(
                schema=SCHEMA,
                run_id="benchmark",
                seed=1,
                target="feeder",
                contract_revision=2,
                declared=tuple(sorted(target.declared)),
                features=tuple(sorted(target.features)),
                version="0",
                clients=self._clients,
                strict=False,
                started_at=self._clock.started_at(),
                plan=(),
                estimate=Estimate(accounts=0, guilds=0, requests=0, seconds=0.0),
                limits=target.limits,
                repeat=(),
                # All edits of a round are answered before their events are sent.
                time_scale=_WITHIN_S,
            )
        )
        record(ScenarioBegun(at=0, scenario="benchmark/receive", title="Edits.", covers=()))
        for number in range(self._clients):
            user = _ulid("V", number)
            tokens = {"access_token": user, "refresh_token": user, "expires_in_secs": 10**6}
            account = Account(name=f"u{number}", username=f"user{number}", password="", user_id=user)
            account.sessions.append(Session(1, tokens, self._clock.now_s()))
            record(ClientKnown(at=0, client=account.name, user_id=user, username=account.username))
            self._people.append(Client(account, self._company))
        guild = {"guild_id": GUILD, "name": "room", "visibility": "private"}
        self._done(ops.CreateGuild(guild_name="room"), guild)
        channel = {"channel_id": CHANNEL, "name": "general", "kind": "text"}
        self._done(ops.CreateChannel(guild_id=GUILD, channel_name="general"), channel)
        for number in range(1, self._clients):
            self._done(ops.AddMember(guild_id=GUILD, user_id=_ulid("V", number)), {"accepted": True})
        self._done(ops.CreateMessage(guild_id=GUILD, channel_id=CHANNEL, content="first"), _message())

    def _done(self, operation: ops.Operation, body: dict[str, Any]) -> None:
        op = self._invoked(operation)
        self._answered(op, body)

    def _invoked(self, operation: ops.Operation) -> int:
        op = next(self._ops)
        self._journal.record(
            OperationInvoked(
                at=self._clock.now_us(),
                op=op,
                client="u0",
                session=1,
                operation=operation.name,
                arguments=operation.model_dump(mode="json", exclude_none=True),
                purpose=Purpose.SCENARIO,
                request_id="x",
            )
        )
        return op

    def _answered(self, op: int, body: dict[str, Any]) -> None:
        self._journal.record(
            OperationAnswered(
                at=self._clock.now_us(), op=op, outcome=Outcome.OK, status=200, body=json.dumps(body)
            )
        )

    async def prepare(self, first: int, messages: int) -> None:
        """Note the edits whose events are about to come: all at once, as the frames come."""
        for number in range(first, first + messages):
            edit = ops.EditMessage(
                guild_id=GUILD, channel_id=CHANNEL, message_id=MESSAGE, content=content_of(number)
            )
            op = self._invoked(edit)
            self._answered(op, {**_message(), "content": content_of(number)})

    async def finish(self) -> None:
        """Judge everything."""
        self._journal.record(
            ScenarioEnded(at=self._clock.now_us(), scenario="benchmark/receive", ending=Ending.COMPLETED)
        )
        result = self._examination.result("benchmark/receive")
        assert not self._examination.faults, self._examination.faults
        wrong = [finding for finding in result.findings if finding.level is not Level.INFO]
        assert not wrong, wrong[0]


_JSON: Final = {"content-type": "application/json"}


def _message() -> dict[str, Any]:
    return {
        "message_id": MESSAGE,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "author_id": _ulid("V"),
        "content": "first",
        "markdown_tokens": [],
        "attachments": [],
        "reactions": [],
        "created_at_unix": _NOW,
    }


def _profile(user: str) -> dict[str, Any]:
    return {
        "user_id": user,
        "username": f"user{int(user[3:])}",
        "about_markdown": "",
        "about_markdown_tokens": [],
        "avatar_version": 0,
        "banner_version": 0,
    }


_KINDS: Final[dict[str, Callable[[int, int], Any]]] = {
    "ours": _Ours,
    "count": _Counting,
    "bytes": _Reading,
    "idle": _Idle,
}


async def play(kind: str, port: int, clients: int) -> None:
    """One client process: it says when it is there, and after each round what it took since the last."""
    listener = _KINDS[kind](port, clients)
    await listener.come()
    _say({"kilobytes": _resident_kilobytes()})
    said = time.process_time()
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        if command["do"] == "finish":
            await listener.finish()
        elif command["do"] == "prepare":
            listener.base = listener.arrivals.count
            await listener.prepare(command["first"], command["messages"])
        else:
            await listener.arrivals.wait_for(listener.base + command["due"])
        # Not since the command: what it waits for may have come before.
        began, said = said, time.process_time()
        _say({"cpu_s": said - began})


def _resident_kilobytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.partition("VmRSS:")[2].split()[0])


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


# --- the measurement


class Process:
    """A process that answers each line with a line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *words: str) -> "Process":
        """Start Python with these words."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=2**20,
            )
        )

    async def heard(self) -> dict[str, Any]:
        """The next line that it says."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the process ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tell(self, **command: Any) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")

    async def ask(self, **command: Any) -> dict[str, Any]:
        """Send a line and wait for the answer."""
        self.tell(**command)
        return await self.heard()

    async def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


@dataclass(frozen=True, kw_only=True)
class Cost:
    """CPU microseconds per delivery: of each round, and judging afterwards; kilobytes before them."""

    taking_us: tuple[float, ...]
    judging_us: float
    kilobytes: float

    @property
    def us(self) -> float:
        """Both together."""
        return statistics.median(self.taking_us) + self.judging_us

    def to(self, other: "Cost") -> float:
        """How many times the other's cost: the median of the rounds, each compared with its neighbour."""
        pairs = zip(self.taking_us, other.taking_us, strict=True)
        return statistics.median(
            (mine + self.judging_us) / (theirs + other.judging_us) for mine, theirs in pairs
        )


class Measurement:
    """One kind of client at a feeder of its own: `prepared`, some rounds, `cost`, `end`."""

    def __init__(self, kind: str, plan: Plan, feeder: Process, client: Process, *, distinct: bool) -> None:
        self._kind, self._plan, self._distinct = kind, plan, distinct
        self._feeder, self._client = feeder, client
        self._kilobytes = 0.0
        self._judged_before_s = 0.0
        self.rounds: list[float] = []

    @classmethod
    async def start(cls, kind: str, plan: Plan, *, distinct: bool = False) -> "Measurement":
        """Connect all its clients; what is judged of that is none of the deliveries' cost."""
        here = Path(__file__)
        events = (
            _frame("ready", {"user_id": "@"}),
            _frame("subscribed", {"guild_id": GUILD, "channel_id": CHANNEL}),
        )
        ready = base64.b64encode("\n".join(events).encode()).decode()
        feeder = await Process.start(str(here.with_name("feeding.py")), ready)
        ports = await feeder.heard()
        port = ports["bare_port" if kind == "bytes" else "port"]
        client = await Process.start(
            str(here), f"--play={kind}", f"--port={port}", f"--clients={plan.clients}"
        )
        made = cls(kind, plan, feeder, client, distinct=distinct)
        made._kilobytes = (await client.heard())["kilobytes"]
        await _all_accepted(kind, plan, feeder)
        made._judged_before_s = await made._judged()
        return made

    async def _judged(self) -> float:
        """CPU seconds of judging all that there is; the least of some times, as all else only adds."""
        if self._kind != "ours":
            return 0.0
        return min([float((await self._client.ask(do="finish"))["cpu_s"]) for _ in range(_JUDGED_TIMES)])

    async def round(self) -> None:
        """Play the next one."""
        first = len(self.rounds) * self._plan.messages
        self.rounds.append(
            await _round(self._kind, self._plan, self._feeder, self._client, first, distinct=self._distinct)
        )

    async def cost(self) -> Cost:
        """What came out of all the rounds but the first, which warms up."""
        deliveries = self._plan.clients * self._plan.messages * len(self.rounds)
        judged_s = await self._judged() - self._judged_before_s
        return Cost(
            taking_us=tuple(self.rounds[1:]),
            judging_us=judged_s * 1e6 / deliveries if deliveries else 0.0,
            kilobytes=self._kilobytes,
        )

    async def end(self) -> None:
        """Let both processes end."""
        await self._client.end()
        await self._feeder.end()


async def measure(
    kinds: Sequence[str], plan: Plan, rounds: int, *, distinct: bool = False
) -> dict[str, Cost]:
    """What each kind takes: all are there from the start, and take turns round by round."""
    measured = {kind: await Measurement.start(kind, plan, distinct=distinct) for kind in kinds}
    for _ in range(rounds + 1 if rounds else 0):
        for one in measured.values():
            await one.round()
    costs = {kind: await one.cost() for kind, one in measured.items()}
    for one in measured.values():
        await one.end()
    return costs


async def _all_accepted(kind: str, plan: Plan, feeder: Process) -> None:
    """The feeder may be slower to accept a connection than the client is to call it one."""
    what: dict[str, Any] = {"size": 0} if kind == "bytes" else {"text": ""}
    async with asyncio.timeout(_WITHIN_S):
        while (await feeder.ask(first=0, count=0, **what))["reached"] < plan.clients:
            pass


async def _round(
    kind: str, plan: Plan, feeder: Process, client: Process, first: int, *, distinct: bool
) -> float:
    cpu_s = (await client.ask(do="prepare", first=first, messages=plan.messages))["cpu_s"]
    each = plan.clients * (_FRAME_BYTES if kind == "bytes" else 1)
    what: dict[str, Any] = {"size": _FRAME_BYTES} if kind == "bytes" else {"text": EDIT, "distinct": distinct}
    for number in range(plan.messages):
        # One after the other: frames that pile up in a socket would be read at one go.
        client.tell(do="wait", due=each * (number + 1))
        answer = await feeder.ask(first=first + number, count=1, **what)
        assert answer["reached"] == plan.clients, answer
        cpu_s += (await client.heard())["cpu_s"]
    return float(cpu_s) * 1e6 / (plan.clients * plan.messages)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came out; times are medians of CPU per delivery, judging and writing the history included."""

    clients: int
    ours_us: float
    judging_us: float
    count_us: float
    bytes_us: float
    to_count: float
    to_bytes: float
    distinct_us: float
    distinct_to_count: float
    kilobytes: float

    def missed(self) -> list[str]:
        """The bounds that were missed, in words."""
        checks = {
            f"the ratio to a counting client is above {MAX_TO_COUNT}": self.to_count > MAX_TO_COUNT,
            f"the ratio to a bare reader is above {MAX_TO_BYTES}": self.to_bytes > MAX_TO_BYTES,
            f"a client takes more than {MAX_KILOBYTES:.0f} KB": self.kilobytes > MAX_KILOBYTES,
        }
        return [words for words, is_missed in checks.items() if is_missed]


async def compare(plan: Plan) -> Result:
    """All measurements, one after the other."""
    alike = await measure(("bytes", "count", "ours"), plan, plan.rounds)
    apart = await measure(("count", "ours"), plan, plan.distinct_rounds, distinct=True)
    idle = (await measure(("idle",), plan, 0))["idle"]
    ours = alike["ours"]
    return Result(
        clients=plan.clients,
        ours_us=ours.us,
        judging_us=ours.judging_us,
        count_us=alike["count"].us,
        bytes_us=alike["bytes"].us,
        to_count=ours.to(alike["count"]),
        to_bytes=ours.to(alike["bytes"]),
        distinct_us=apart["ours"].us,
        distinct_to_count=apart["ours"].to(apart["count"]),
        kilobytes=(ours.kilobytes - idle.kilobytes) / plan.clients,
    )


def table(result: Result) -> str:
    """What people read."""
    rows = [
        ("our clients, CPU per delivery, all checked", f"{result.ours_us:.2f} us", ""),
        ("of it judging", f"{result.judging_us:.2f} us", ""),
        ("clients that count, CPU per delivery", f"{result.count_us:.2f} us", ""),
        ("bare readers, CPU per delivery", f"{result.bytes_us:.2f} us", ""),
        ("ratio to counting clients", f"{result.to_count:.2f}", f"<= {MAX_TO_COUNT}"),
        ("ratio to bare readers", f"{result.to_bytes:.2f}", f"<= {MAX_TO_BYTES}"),
        ("our clients, every body distinct", f"{result.distinct_us:.2f} us", ""),
        ("ratio to counting clients, distinct", f"{result.distinct_to_count:.2f}", ""),
        (
            "memory per client beside its connection",
            f"{result.kilobytes:.1f} KB",
            f"<= {MAX_KILOBYTES:.0f} KB",
        ),
    ]
    return "".join(f"{what:<44} {value:>10}   {bound}".rstrip() + "\n" for what, value, bound in rows)


def main(arguments: list[str] | None = None) -> int:
    """Measure and report; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smaller plan, for a first look")
    parser.add_argument("--clients", type=int, metavar="N")
    parser.add_argument("--play", choices=_KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.play is not None:
        playing: Awaitable[None] = play(given.play, given.port, given.clients)
        uvloop.run(playing)  # type: ignore[arg-type]  # a coroutine, which the annotation does not tell
        return 0
    base = QUICK if given.quick else FULL
    plan = Plan(**asdict(base) | ({"clients": given.clients} if given.clients else {}))
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < plan.clients + 200:
        parser.error(f"only {allowed} open files are allowed; run `ulimit -n {plan.clients + 200}` first")
    result = asyncio.run(compare(plan))
    missed = result.missed()
    sys.stdout.write(table(result))
    sys.stdout.write(json.dumps({**asdict(result), "missed": missed}) + "\n")
    sys.stderr.write("".join(f"missed: {words}\n" for words in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
