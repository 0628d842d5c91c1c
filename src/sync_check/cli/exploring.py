"""`sync-check explore`: random programs against a target, and small counterexamples of what they find."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.cli.minimised import Teller
from sync_check.cli.profiles import ProfileOption, SetOption, declared_target, given_profile, target_text
from sync_check.cli.running import CODES, check_deviations
from sync_check.cli.safety import check_hazards
from sync_check.cli.telling import progress, say_line, working
from sync_check.cli.values import whole_number
from sync_check.conformance.verdict import ExitCode
from sync_check.counterexamples import FOLDER, saved
from sync_check.exploration import (
    Explored,
    Ground,
    Share,
    distinct,
    explore,
    play,
    red,
)
from sync_check.programs import DRAWN
from sync_check.reports.wording import counted, counted_of
from sync_check.sharing_out import portions, shared_out
from sync_check.stopping import Stopping
from sync_check.targets import SIM, check_target_text

_LIMITS: Final = {"--programs": 1_000_000, "--steps": 1_000, "--jobs": 64}


def explore_command(
    programs: Annotated[str, typer.Option(metavar="NUMBER", help="How many programs to play.")] = "100",
    steps: Annotated[str, typer.Option(metavar="NUMBER", help="Steps of a program.")] = "40",
    target: Annotated[
        str | None,
        typer.Option(
            help="`sim` (in virtual time), `embedded`, or the base URL of the server to test."
            " [default: the profile's url, else sim]",
        ),
    ] = None,
    profile: ProfileOption = None,
    setting: SetOption = None,
    seed: Annotated[str, typer.Option(metavar="NUMBER", help="Other programs with another number.")] = "1",
    jobs: Annotated[str, typer.Option(metavar="NUMBER", help="Processes, in virtual time.")] = "1",
    folder: Annotated[
        str, typer.Option("--save", metavar="FOLDER", help="Where counterexamples are kept.")
    ] = FOLDER,
    defect: Annotated[
        str | None, typer.Option(help="Seed this defect into a server of our own (see `list --defects`).")
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Let a server of our own choose otherwise where it may (see `list --variants`); repeatable.",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A SHOULD that is not met is red too.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Play programs that nobody wrote, and shrink what finds something to a counterexample.

    Saved counterexamples are played first. Exit codes as of `run`.
    """
    with one_sentence(CODES, debug=debug):
        given = given_profile(profile, os.environ, setting or ())
        where = target_text(target, given, SIM)
        check_target_text(where)
        variants = tuple(variant or ())
        check_deviations(where, defect, variants)
        if not folder:
            raise UsageFault(f"--save '' names no folder: give one, or leave --save out for {FOLDER}")
        if Path(folder).exists() and not Path(folder).is_dir():
            raise UsageFault(f"--save {folder} is a file: name a folder, which is made if need be")
        declared = declared_target(where, given)
        if declared is not None:
            check_hazards("exploring", DRAWN, declared)
        ground = Ground(
            target=where,
            defect=defect,
            variants=variants,
            strict=strict,
            declared=declared,
        )
        order = _Order(
            ground=ground,
            programs=_count("--programs", programs),
            steps=_count("--steps", steps),
            jobs=_jobs(jobs, ground),
            seed=whole_number("--seed", seed, advice="give one such as 1"),
            folder=Path(folder),
            reach=() if given is None else given.repeat,
        )
        with order.stop.at_signals():
            code = order.carry_out(Console(highlight=False))
        raise typer.Exit(code)


def _count(option: str, text: str) -> int:
    most = _LIMITS[option]
    advice = f"give 1 to {most}"
    number = whole_number(option, text, advice=advice)
    if not 1 <= number <= most:
        raise UsageFault(f"{option} {number} is out of range: {advice}")
    return number


def _jobs(text: str, ground: Ground) -> int:
    jobs = _count("--jobs", text)
    if jobs > 1 and not ground.is_virtual:
        raise UsageFault(
            f"--jobs {jobs} is for virtual time: leave it out for {ground.target}, or give --target sim"
        )
    return jobs


class _Order:
    """What is to be explored, and the telling of it."""

    def __init__(
        self,
        *,
        ground: Ground,
        programs: int,
        steps: int,
        jobs: int,
        seed: int,
        folder: Path,
        reach: Sequence[str],
    ) -> None:
        self._ground = ground
        self._teller = Teller(ground, folder, reach)
        self._programs = programs
        self._steps = steps
        self._jobs = jobs
        self._seed = seed
        self._folder = folder
        self.stop = Stopping()
        """Set by Ctrl-C: then what was found so far is told as it is."""

    def carry_out(self, console: Console) -> int:
        """Explore and tell; returns the exit code."""
        self._greet(console)
        with working(console, "playing what is kept"):
            still = self._replay(console)
        explored = list(self._explored(console))
        gone = _gone(explored)
        if gone is not None and not any(one.played for one in explored):
            raise gone
        hits = list(distinct(explored))
        with working(console, "making small what was found"):
            for hit, finding in hits:
                if not self._teller.has_told(finding) and not self._teller.leaves(hit, finding):
                    self._teller.tell(console, hit, finding, self.stop)
        self._teller.tell_left(console)
        return self._conclude(console, explored, len(hits) + still)

    def _greet(self, console: Console) -> None:
        ground = self._ground
        deviation = "" if ground.defect is None else f" with defect {ground.defect}"
        deviation += "".join(f" with variant {variant}" for variant in ground.variants)
        jobs = f" \u00b7 {self._jobs} jobs" if self._jobs > 1 else ""
        say_line(
            console,
            f"explore \u00b7 {ground.target}{deviation} \u00b7 seed {self._seed} \u00b7"
            f" {counted(self._programs, 'program')} of {counted(self._steps, 'step')}{jobs}",
        )

    def _replay(self, console: Console) -> int:
        """Play what was saved earlier; returns how many still find what they found."""
        still = 0
        for name, kept in saved(self._folder):
            if self.stop.is_set():
                break
            finished = play(kept.program, kept.seed, self._ground, sweeps=kept.server.swept, stop=self.stop)
            said = (kept.finding.judge, kept.finding.requirement, kept.finding.event)
            found = [one for result in finished.results for one in red(result, strict=self._ground.strict)]
            finds = any((one.judge, one.requirement, one.event) == said for one in found)
            still += finds
            verdict, again = ("FAIL ", "") if finds else ("ok   ", "not found again: ")
            say_line(console, f"{verdict} {name}: {again}{kept.finding.message}")
        return still

    def _explored(self, console: Console) -> Iterator[Explored]:
        with progress(console, "playing", self._programs) as advance:
            for explored in shared_out(explore, self._shares(), self._jobs, self.stop):
                advance(explored.played)
                yield explored
                if explored.gone is not None:
                    return

    def _shares(self) -> Sequence[Share]:
        return [
            Share(ground=self._ground, seed=self._seed, programs=programs, steps=self._steps, first=first)
            for first, programs in portions(self._programs, self._jobs)
        ]

    def _conclude(self, console: Console, explored: Sequence[Explored], found: int) -> int:
        faults = [fault for one in explored for fault in one.faults]
        for fault in dict.fromkeys(faults):
            say_line(console, f"fault of sync-check: {fault}")
        for line in (line for one in explored for line in one.lost):
            say_line(console, line)
        gone = _gone(explored)
        if gone is not None:
            say_line(console, f"no more could be played: {gone}")
        played = sum(one.played for one in explored)
        steps = sum(one.steps for one in explored)
        undecided = sum(one.undecided for one in explored)
        say_line(console, "")
        code = ExitCode.INTERRUPTED if self.stop.is_set() else _code(explored, found)
        kinds = "nothing found" if not found else counted(found, "kind of finding", "kinds of findings")
        open_ones = f", {undecided} undecided" if undecided else ""
        say_line(
            console,
            f"{code.name}  {counted_of(played, self._programs, 'program')},"
            f" {counted(steps, 'step')}, {kinds}{open_ones} \u00b7 exit code {int(code)}",
        )
        return int(code)


def _gone(explored: Sequence[Explored]) -> Exception | None:
    return next((one.gone for one in explored if one.gone is not None), None)


def _code(explored: Sequence[Explored], found: int) -> ExitCode:
    """What an exploration that was not interrupted tells its caller."""
    if found:
        return ExitCode.FAIL
    if any(one.faults for one in explored):
        return ExitCode.INTERNAL
    if _gone(explored) is not None:
        return ExitCode.UNAVAILABLE
    says_nothing = all(one.undecided == one.played for one in explored)
    return ExitCode.INCONCLUSIVE if says_nothing or any(one.lost for one in explored) else ExitCode.PASS
