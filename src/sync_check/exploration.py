"""Random programs against a target: play them, judge them, and make small what finds something."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sync_check import __version__
from sync_check.collecting import few_collections
from sync_check.conformance.cone import Cone
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.examination import examine
from sync_check.conformance.history import read_history
from sync_check.conformance.run import RunFinished, ScenarioResult
from sync_check.conformance.verdict import Finding, Level, Verdict
from sync_check.harness.engine import Engine, Order
from sync_check.harness.explorer.drawing import draw_one
from sync_check.harness.explorer.generation import Scope, programs
from sync_check.harness.explorer.program import Program
from sync_check.harness.explorer.shrinking import shrink
from sync_check.harness.target import DRIVEN_FEATURES, Target
from sync_check.programs import FAMILY, scenario_of
from sync_check.targets import OWN, SIM
from sync_check.venues import loop_factory, open_venue, randomness_for

SWEPT: Final = 10
"""Of so many programs one has its read surfaces swept."""
_SEEDS: Final = 10_000_000
"""So far apart are the numbers of one seed from those of the next."""
_ATTEMPTS: Final = 3
"""How often a smaller program is played where whether it finds the same may be chance."""
_MUCH: Final = 3
"""A program of more steps than that is worth a closer look."""


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
        return Scope(features=ground.features, virtual=ground.is_virtual, addresses=ground.has_addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A program that found something: with which seed it was played, and one finding of each kind.

    On sockets what is missing may be chance, so such a program is played again. `flaky` tells in words at
    which of its attempts it found something, unless that was at each.
    """

    program: Program
    seed: int
    sweeps: bool
    findings: tuple[Finding, ...]
    flaky: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """What a share came to: `undecided` are programs that said nothing, `faults` errors of our own."""

    played: int
    undecided: int
    steps: int
    hits: tuple[Hit, ...]
    faults: tuple[str, ...]


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
) -> RunFinished:
    """The end of a run of one program, all by itself; `number` is the seed of the run."""
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
            *_, last = [event async for event in engine.events()]
            assert isinstance(last, RunFinished)
            return last

    with asyncio.Runner(loop_factory=loop_factory(ground.target, randomness)) as runner:
        return runner.run(run())


def explore(share: Share) -> Explored:
    """Draw and play the programs of a share, one after the other."""
    tally = _Tally(share)
    strategy = programs(scope=share.scope, steps=share.steps)
    with few_collections():
        for number in range(share.first, share.first + share.programs):
            tally.take(draw_one(strategy, share.seed * _SEEDS + number), number)
            if share.enough is not None and tally.hits >= share.enough:
                break
    return tally.explored()


class _Tally:
    """What came of the programs so far."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._played = 0
        self._undecided = 0
        self._steps = 0
        self._hits: list[Hit] = []
        self._faults: list[str] = []
        self._known: set[Kind] = set()

    @property
    def hits(self) -> int:
        """How many programs found something new."""
        return len(self._hits)

    def take(self, program: Program, number: int) -> None:
        """Play the program of a number."""
        share = self._share
        played_by = share.seed * _SEEDS + number
        self._played += 1
        self._steps += len(program.steps)
        sweeps = number % SWEPT == SWEPT - 1
        finished = play(program, played_by, share.ground, sweeps=sweeps)
        self._faults += finished.faults
        (result,) = finished.results
        found = red(result, strict=share.ground.strict)
        fresh = tuple(finding for finding in found if Kind.of(finding) not in self._known)
        self._known |= {Kind.of(finding) for finding in fresh}
        if fresh:
            flaky = result.note if result.verdict is Verdict.FLAKY else None
            hit = Hit(program=program, seed=played_by, sweeps=sweeps, findings=fresh, flaky=flaky)
            self._hits.append(hit)
        elif not found and result.verdict not in (Verdict.PASS, Verdict.LAX):
            self._undecided += 1

    def explored(self) -> Explored:
        """The result."""
        return Explored(
            played=self._played,
            undecided=self._undecided,
            steps=self._steps,
            hits=tuple(self._hits),
            faults=tuple(self._faults),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """What a program became that found something: with which seed it finds the same, and in which words."""

    program: Program
    seed: int
    finding: Finding


def smaller(hit: Hit, finding: Finding, ground: Ground) -> Small:
    """The smallest program found that finds the same; a flaky one stays as it is.

    In virtual time a program does the same each time, but one without some steps has other delays: where
    much is left, a few seeds are tried of each.
    """
    shrinking = _Shrinking(hit, finding, ground)
    if hit.flaky is not None:
        return shrinking.small(hit.program)
    program = shrink(hit.program, shrinking.finds_at_first if ground.is_virtual else shrinking.finds)
    if ground.is_virtual and len(program.steps) > _MUCH:
        program = shrink(program, shrinking.finds)
    return shrinking.small(program)


class _Shrinking:
    """Plays the candidates of one shrinking, and remembers what the successful ones found."""

    def __init__(self, hit: Hit, finding: Finding, ground: Ground) -> None:
        self._hit = hit
        self._kind = Kind.of(finding)
        self._ground = ground
        self._found = {_key(hit.program): Small(program=hit.program, seed=hit.seed, finding=finding)}

    def finds_at_first(self, program: Program) -> bool:
        """Whether a program finds the same with the seed of the first one."""
        return self._finds(program, self._hit.seed)

    def finds(self, program: Program) -> bool:
        """Whether it does with one of a few seeds."""
        return any(self._finds(program, self._hit.seed + attempt) for attempt in range(_ATTEMPTS))

    def _finds(self, program: Program, seed: int) -> bool:
        finished = play(program, seed, self._ground, sweeps=self._hit.sweeps)
        for found in red(finished.results[0], strict=self._ground.strict):
            if Kind.of(found) == self._kind:
                told = replace(found, scenario=FAMILY)
                self._found[_key(program)] = Small(program=program, seed=seed, finding=told)
                return True
        return False

    def small(self, program: Program) -> Small:
        """What a program found that was found to find the same."""
        small = self._found[_key(program)]
        return replace(small, finding=replace(small.finding, scenario=FAMILY))


def _key(program: Program) -> str:
    return program.model_dump_json()


def drawn(small: Small, ground: Ground, *, sweeps: bool) -> tuple[Finding, Cone] | None:
    """What a program finds of the kind of its finding, and what led to it; None if that is not found now."""
    lines: list[bytes] = []
    play(small.program, small.seed, ground, sweeps=sweeps, write=lines.append)
    examination = examine(read_history(lines))
    (result,) = examination.results()
    alike = (one for one in result.findings if Kind.of(one) == Kind.of(small.finding))
    found = next(alike, None)
    cone = None if found is None else examination.cone(0, found)
    return None if found is None or cone is None else (found, cone)


def distinct(explored: Sequence[Explored]) -> Iterator[tuple[Hit, Finding]]:
    """The findings of all shares, one of each kind, the shortest program first."""
    best: dict[Kind, tuple[Hit, Finding]] = {}
    for hit in sorted((hit for one in explored for hit in one.hits), key=lambda hit: len(hit.program.steps)):
        for finding in hit.findings:
            best.setdefault(Kind.of(finding), (hit, finding))
    yield from best.values()
