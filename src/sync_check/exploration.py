"""Random programs against a target: play them, judge them, and keep what finds something."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sync_check import __version__
from sync_check.collecting import few_collections
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.run import RunFinished, ScenarioResult
from sync_check.conformance.verdict import Finding, Level, Verdict
from sync_check.harness.engine import Engine, Order
from sync_check.harness.errors import AccountsUnfit, TargetUnavailable
from sync_check.harness.explorer.dealing import hand
from sync_check.harness.explorer.drawing import draw_one
from sync_check.harness.explorer.generation import programs
from sync_check.harness.explorer.program import Program
from sync_check.harness.explorer.scope import Condition, Scope
from sync_check.harness.hazards import Hazard
from sync_check.harness.target import DRIVEN_FEATURES, Target
from sync_check.logged import logged
from sync_check.managed import ProcessFailed
from sync_check.programs import FAMILY, scenario_of
from sync_check.stopping import Stop, interrupting
from sync_check.targets import OWN, SIM
from sync_check.venues import loop_factory, open_venue, randomness_for

SWEPT: Final = 10
"""Of so many programs one has its read surfaces swept."""
_SEEDS: Final = 10_000_000
"""So far apart are the numbers of one seed from those of the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What makes two findings the same: who found it, what it breaks, in which event."""

    judge: str
    requirement: str
    event: str | None

    @classmethod
    def of(cls, finding: Finding) -> "Kind":
        """The kind of a finding."""
        return cls(judge=finding.judge, requirement=finding.requirement, event=finding.event)

    def __str__(self) -> str:
        return f"{self.requirement} {self.event or self.judge}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where programs are played: a target, and the deviation of one of our own; `strict` counts LAX too.

    `declared` is what is known of a server that is not ours.
    """

    target: str = SIM
    defect: str | None = None
    variants: tuple[str, ...] = ()
    strict: bool = False
    declared: Target | None = None

    @property
    def features(self) -> frozenset[Feature]:
        """The features that programs are drawn for."""
        driven = frozenset(DRIVEN_FEATURES)
        return driven if self.declared is None else driven & self.declared.features

    @property
    def has_addresses(self) -> bool:
        """Whether each user calls from an address of their own."""
        return self.target in OWN or (self.declared is not None and self.declared.trusts_proxy)

    @property
    def restarts(self) -> bool:
        """Whether the target is one of ours, which keeps what it stored when it is restarted."""
        return self.target in OWN

    @property
    def is_verbatim(self) -> bool:
        """Whether the target calls things as the contract does."""
        return self.declared is None or not self.declared.dialect.has_other_names

    @property
    def may_be_flooded(self) -> bool:
        """Whether the target may be sent more than its limits permit."""
        return self.declared is None or Hazard.FLOODS in self.declared.allowed

    @property
    def is_virtual(self) -> bool:
        """Whether a program played twice does the same twice."""
        return self.target == SIM


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of an exploration, for one process: `programs` of them, from the one of number `first`.

    Which program has a number depends on the seed alone. After `enough` of them that found something new, if
    that is given, no more are played.
    """

    ground: Ground
    seed: int
    programs: int
    steps: int
    first: int = 0
    enough: int | None = None

    @property
    def scope(self) -> Scope:
        """What there is to draw from."""
        ground = self.ground
        conditions = {
            Condition.VIRTUAL: ground.is_virtual,
            Condition.ADDRESSES: ground.has_addresses,
            Condition.RESTARTS: ground.restarts,
            Condition.VERBATIM: ground.is_verbatim,
            Condition.FLOODS: ground.may_be_flooded,
        }
        return Scope(
            features=ground.features,
            conditions=frozenset(condition for condition, holds in conditions.items() if holds),
        )

    def program(self, number: int) -> Program:
        """The program of a number."""
        cards = hand(self.scope, self.seed, number)
        strategy = programs(scope=self.scope, steps=self.steps, cards=cards)
        return draw_one(strategy, self.seed * _SEEDS + number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A program that found something: with which seed it was played, and one finding of each kind.

    On sockets what is missing may be chance, so such a program is played again. `flaky` tells in words at
    which of its attempts it found something, unless that was at each. `log` is what a server that was started
    for it logged of that.
    """

    program: Program
    seed: int
    sweeps: bool
    findings: tuple[Finding, ...]
    flaky: str | None = None
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """What a share came to: `undecided` are programs that said nothing, `faults` errors of our own.

    `lost` tells of servers that ended by themselves in a program that found nothing, `gone` why nothing more
    could be played.
    """

    played: int
    undecided: int
    steps: int
    hits: tuple[Hit, ...]
    faults: tuple[str, ...]
    lost: tuple[str, ...] = ()
    gone: Exception | None = None


def red(result: ScenarioResult, *, strict: bool = False) -> tuple[Finding, ...]:
    """The findings that make a program red, one of each kind."""
    levels = (Level.FAIL, Level.LAX) if strict else (Level.FAIL,)
    found: dict[Kind, Finding] = {}
    for finding in result.findings:
        if finding.level in levels:
            found.setdefault(Kind.of(finding), finding)
    return tuple(found.values())


def play(
    program: Program,
    number: int,
    ground: Ground,
    *,
    sweeps: bool = True,
    write: Callable[[bytes], None] | None = None,
    log: list[str] | None = None,
    stop: Stop | None = None,
) -> RunFinished:
    """The end of a run of one program, all by itself; `number` is the seed of the run.

    `log` gets what a server that was started for it logged of what was found. On sockets `stop` ends it.
    """
    randomness = randomness_for(ground.target, number)

    async def run() -> RunFinished:
        async with open_venue(
            ground.target,
            randomness,
            defect=ground.defect,
            variants=ground.variants,
            declared=ground.declared,
        ) as venue:
            scenario, hears = scenario_of(program, f"{FAMILY}/one")
            order = Order(
                target=venue.target,
                scenarios=(scenario,),
                clients=program.members,
                strict=ground.strict,
                version=__version__,
                repeat=("sync-check", "replay"),
                sweeps=sweeps,
                cleans=ground.declared is not None,
            )
            engine = Engine(order, randomness, write=write, clock=venue.clock, transport=venue.transport)
            engine.listen(hears)
            if venue.loop is not None:
                engine.watch(venue.loop)
            if venue.process is not None:
                engine.watch_target(venue.process.ended)
            with interrupting(None if ground.is_virtual else stop, engine.interrupt):
                *_, last = [event async for event in engine.events()]
            assert isinstance(last, RunFinished)
            if venue.process is not None and log is not None:
                log.extend(logged(venue.process, engine, last))
            return last

    with asyncio.Runner(loop_factory=loop_factory(ground.target, randomness)) as runner:
        return runner.run(run())


def explore(share: Share, stop: Stop | None = None) -> Explored:
    """Draw and play the programs of a share, one after the other, until `stop` is set or none can be."""
    tally = _Tally(share, stop)
    if stop is not None and stop.is_set():
        return tally.explored()  # at once: after Ctrl-C there are hundreds of shares left
    with few_collections():
        for number in range(share.first, share.first + share.programs):
            if tally.is_over:
                break
            tally.take(share.program(number), number)
    return tally.explored()


class _Tally:
    """What came of the programs so far."""

    def __init__(self, share: Share, stop: Stop | None) -> None:
        self._share = share
        self._stop = stop
        self._played = 0
        self._undecided = 0
        self._steps = 0
        self._hits: list[Hit] = []
        self._faults: list[str] = []
        self._lost: list[str] = []
        self._gone: Exception | None = None
        self._known: set[Kind] = set()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be played: enough was found, nothing can be, or somebody said so."""
        is_stopped = self._stop is not None and self._stop.is_set()
        enough = self._share.enough
        return is_stopped or self._gone is not None or (enough is not None and len(self._hits) >= enough)

    def take(self, program: Program, number: int) -> None:
        """Play the program of a number."""
        share = self._share
        played_by = share.seed * _SEEDS + number
        sweeps = number % SWEPT == SWEPT - 1
        log: list[str] = []
        try:
            finished = play(program, played_by, share.ground, sweeps=sweeps, log=log, stop=self._stop)
        except (TargetUnavailable, AccountsUnfit, ProcessFailed) as error:
            self._gone = error  # what was found before is told all the same
            return
        if not finished.results:
            return  # it was stopped before it began
        self._played += 1
        self._steps += len(program.steps)
        self._faults += finished.faults
        (result,) = finished.results
        found = red(result, strict=share.ground.strict)
        if not found:
            self._undecided += result.verdict not in (Verdict.PASS, Verdict.LAX)
            # Without a finding there is a log only where the server ended by itself.
            self._lost += (line if index else f"program {number}: {line}" for index, line in enumerate(log))
            return
        fresh = tuple(finding for finding in found if Kind.of(finding) not in self._known)
        self._known |= {Kind.of(finding) for finding in fresh}
        if fresh:
            flaky = result.note if result.verdict is Verdict.FLAKY else None
            hit = Hit(
                program=program, seed=played_by, sweeps=sweeps, findings=fresh, flaky=flaky, log=tuple(log)
            )
            self._hits.append(hit)

    def explored(self) -> Explored:
        """The result."""
        return Explored(
            played=self._played,
            undecided=self._undecided,
            steps=self._steps,
            hits=tuple(self._hits),
            faults=tuple(self._faults),
            lost=tuple(self._lost),
            gone=self._gone,
        )


def distinct(explored: Sequence[Explored]) -> Iterator[tuple[Hit, Finding]]:
    """The findings of all shares, one of each kind, the shortest program first."""
    best: dict[Kind, tuple[Hit, Finding]] = {}
    for hit in sorted((hit for one in explored for hit in one.hits), key=lambda hit: len(hit.program.steps)):
        for finding in hit.findings:
            best.setdefault(Kind.of(finding), (hit, finding))
    yield from best.values()
