"""Telling what an exploration found: once for each fault, with a small program that is kept."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from sync_check.cli.telling import say_line, say_whole
from sync_check.conformance.verdict import Finding
from sync_check.counterexamples import Counterexample, Found, Server, save, save_diagram
from sync_check.exploration import Ground, Hit, Kind
from sync_check.harness.explorer.program import Program, words
from sync_check.minimising import Small, drawn, smaller
from sync_check.reports.page import sequence_svg
from sync_check.reports.wording import counted
from sync_check.stopping import Stop
from sync_check.targets import OWN

_PROGRAMS_OF_A_RULE: Final = 3
"""So many small programs that break one rule, as one judge sees it, are enough to mend that by."""


class Teller:
    """Tells findings and keeps them in a folder; `reach` is what a replay is told of a server of others."""

    def __init__(self, ground: Ground, folder: Path, reach: Sequence[str]) -> None:
        self._ground = ground
        self._folder = folder
        self._reach = reach
        self._told: list[tuple[Small, str]] = []
        self._left: dict[tuple[str, str], list[Finding]] = {}

    def has_told(self, finding: Finding) -> bool:
        """Whether a program that was told finds that as well."""
        return any(small.finds(Kind.of(finding)) for small, _ in self._told)

    def leaves(self, hit: Hit, finding: Finding) -> bool:
        """Whether it is to be told in a word at the end, as others that break the same rule were in full.

        Not what is flaky: how often it was found is said of each, and nothing is made small.
        """
        if hit.flaky is not None:
            return False
        rule = finding.judge, finding.requirement
        told = sum((small.finding.judge, small.finding.requirement) == rule for small, _ in self._told)
        if told < _PROGRAMS_OF_A_RULE:
            return False
        self._left.setdefault(rule, []).append(finding)
        return True

    def tell_left(self, console: Console) -> None:
        """Name what was left, rule by rule."""
        for (_, requirement), findings in self._left.items():
            events = dict.fromkeys(one.event or one.message for one in findings)
            say_line(console, "")
            say_line(
                console,
                f"FAIL  {findings[0].kind}  {requirement}  of {len(events)} more: {', '.join(events)}",
            )
            say_line(console, "      left      mend first what the programs above show, and explore again")

    def tell(self, console: Console, hit: Hit, finding: Finding, stop: Stop) -> None:
        """Make small what found it, until `stop` is set, tell it, and keep it."""
        ground = self._ground
        small = smaller(hit, finding, ground, stop)
        was_ended = stop.is_set() and hit.flaky is None
        program, told = small.program, small.finding
        server = Server.of(ground.target, ground.defect, ground.variants, swept=hit.sweeps)
        kept = Counterexample(finding=Found.of(told), server=server, seed=small.seed, program=program)
        say_line(console, "")
        like = next((name for other, name in self._told if small.resembles(other)), None)
        self._told.append((small, kept.name))
        verdict = "FAIL " if hit.flaky is None else "FLAKY"
        say_line(console, f"{verdict} {told.kind}  {told.requirement}  {told.message}")
        if like is not None:
            say_line(console, f"      like      {like}, in {told.event or told.judge}")
            self._keep(console, kept, None)
            return
        if hit.flaky is not None:
            say_line(console, f"      attempts  {hit.flaky}")
        for name in ("client", "event", "expected", "received", "cause"):
            value = getattr(told, name)
            if value is not None:
                say_line(console, f"      {name:<9} {value}")
        on_the_way = "; Ctrl-C ended making it smaller" if was_ended else ""
        begun_with = counted(len(hit.program.steps), "step")
        say_line(console, f"      program   {_size(program)}, from {begun_with}{on_the_way}")
        for step in program.steps:
            say_line(console, f"                {words(step)}")
        for other in small.also:
            say_line(console, f"      also      {other.requirement}  {other.message}")
        for line in small.log:
            say_line(console, f"      server    {line}")
        cone = None if stop.is_set() else drawn(small, ground, sweeps=hit.sweeps)
        self._keep(console, kept, None if cone is None else sequence_svg(*cone))

    def _keep(self, console: Console, kept: Counterexample, svg: str | None) -> None:
        """Save what was told, and say how to play it again, or why it could not be saved."""
        try:
            path = save(kept, self._folder)
            if svg is not None:
                say_line(console, f"      diagram   {save_diagram(svg, path)}")
        except OSError as error:
            say_line(
                console, f"      not kept  {self._folder}: {error.strerror or error}; name another by --save"
            )
            return
        words = ("sync-check", "replay", str(path))
        say_whole(console, f"      replay    {shlex.join((*words, *self._elsewhere()))}")

    def _elsewhere(self) -> Sequence[str]:
        """What a replay has to be told of the target: a file names no server of others."""
        target = self._ground.target
        return () if target in OWN else ("--target", target, *self._reach)


def _size(program: Program) -> str:
    return f"{counted(len(program.steps), 'step')} by {counted(program.members + program.strangers, 'user')}"
