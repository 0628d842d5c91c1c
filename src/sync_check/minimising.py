"""Making a program small that found something, and telling which small programs show one and the same."""

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from sync_check import exploration
from sync_check.conformance.cone import Cone
from sync_check.conformance.examination import examine
from sync_check.conformance.history import read_history
from sync_check.conformance.verdict import Finding
from sync_check.exploration import Ground, Hit, Kind, red
from sync_check.harness.explorer.program import Program
from sync_check.harness.explorer.shrinking import shrink
from sync_check.programs import FAMILY
from sync_check.stopping import Stop

_ATTEMPTS: Final = 3
"""How often a smaller program is played where whether it finds the same may be chance."""
_MUCH: Final = 3
"""A program of more steps than that is worth a closer look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """What a program became that found something: with which seed it finds the same, and in which words.

    `also` are findings of other kinds that it makes, `log` what a server that was started for it logged.
    """

    program: Program
    seed: int
    finding: Finding
    also: tuple[Finding, ...] = ()
    log: tuple[str, ...] = ()

    def finds(self, kind: Kind) -> bool:
        """Whether it finds something of a kind."""
        return kind in map(Kind.of, (self.finding, *self.also))

    def resembles(self, other: "Small") -> bool:
        """Whether one fault is enough to explain both: they break the same rule, but for one step alike."""
        rules = {(small.finding.judge, small.finding.requirement) for small in (self, other)}
        return len(rules) == 1 and _differing(_kinds(self.program), _kinds(other.program)) <= 1


def _kinds(program: Program) -> list[str]:
    return [step.do for step in program.steps]


def _differing(one: list[str], other: list[str]) -> int:
    """How many steps at most are in one of the two alone, replaced ones counted once."""
    changes = SequenceMatcher(a=one, b=other, autojunk=False).get_opcodes()
    return sum(max(ends - begins, end - begin) for tag, begins, ends, begin, end in changes if tag != "equal")


def smaller(hit: Hit, finding: Finding, ground: Ground, stop: Stop | None = None) -> Small:
    """The smallest program found, until `stop` is set, that finds the same; a flaky one stays as it is.

    In virtual time a program does the same each time, but one without some steps has other delays: where
    much is left, a few seeds are tried of each.
    """
    shrinking = _Shrinking(hit, finding, ground, stop)
    if hit.flaky is not None:
        return shrinking.small(hit.program)
    program = shrink(hit.program, shrinking.finds_at_first if ground.is_virtual else shrinking.finds)
    if ground.is_virtual and len(program.steps) > _MUCH:
        program = shrink(program, shrinking.finds)
    return shrinking.small(program)


class _Shrinking:
    """Plays the candidates of one shrinking, and remembers what the successful ones found."""

    def __init__(self, hit: Hit, finding: Finding, ground: Ground, stop: Stop | None) -> None:
        self._hit = hit
        self._kind = Kind.of(finding)
        self._ground = ground
        self._stop = stop
        others = tuple(one for one in hit.findings if one is not finding)
        first = Small(program=hit.program, seed=hit.seed, finding=finding, also=others, log=hit.log)
        self._found = {_key(hit.program): first}

    def finds_at_first(self, program: Program) -> bool:
        """Whether a program finds the same with the seed of the first one."""
        return self._finds(program, self._hit.seed)

    def finds(self, program: Program) -> bool:
        """Whether it does with one of a few seeds."""
        return any(self._finds(program, self._hit.seed + attempt) for attempt in range(_ATTEMPTS))

    def _finds(self, program: Program, seed: int) -> bool:
        if self._stop is not None and self._stop.is_set():
            return False
        log: list[str] = []
        finished = exploration.play(
            program, seed, self._ground, sweeps=self._hit.sweeps, log=log, stop=self._stop
        )
        found = [
            finding for result in finished.results for finding in red(result, strict=self._ground.strict)
        ]
        same = next((one for one in found if Kind.of(one) == self._kind), None)
        if same is None:
            return False
        others = tuple(one for one in found if one is not same)
        small = Small(program=program, seed=seed, finding=same, also=others, log=tuple(log))
        self._found[_key(program)] = small
        return True

    def small(self, program: Program) -> Small:
        """What a program found that was found to find the same."""
        small = self._found[_key(program)]
        return replace(small, finding=replace(small.finding, scenario=FAMILY))


def _key(program: Program) -> str:
    return program.model_dump_json()


def drawn(small: Small, ground: Ground, *, sweeps: bool) -> tuple[Finding, Cone] | None:
    """What a program finds of the kind of its finding, and what led to it; None if that is not found now."""
    lines: list[bytes] = []
    exploration.play(small.program, small.seed, ground, sweeps=sweeps, write=lines.append)
    examination = examine(read_history(lines))
    (result,) = examination.results()
    alike = (one for one in result.findings if Kind.of(one) == Kind.of(small.finding))
    found = next(alike, None)
    cone = None if found is None else examination.cone(0, found)
    return None if found is None or cone is None else (found, cone)
