"""`sync-check noninterference`: whether what somebody sees depends on what they may not know."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

import typer
from rich.console import Console

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.cli.settings import check_defect
from sync_check.cli.telling import progress, say_line
from sync_check.cli.values import number_between, whole_number
from sync_check.conformance.verdict import ExitCode, Finding
from sync_check.noninterference import Examined, Share, examine
from sync_check.reports.wording import counted, counted_of
from sync_check.sharing_out import portions, shared_out
from sync_check.stopping import Stopping

_MOST_PROGRAMS: Final = 1_000_000
_MOST_STEPS: Final = 1_000
_MOST_JOBS: Final = 64
_TOLD: Final = ("client", "event", "expected", "received", "cause")


def noninterference_command(
    programs: Annotated[str, typer.Option(metavar="NUMBER", help="How many programs to compare.")] = "100",
    steps: Annotated[str, typer.Option(metavar="NUMBER", help="Random steps of a program.")] = "20",
    seed: Annotated[str, typer.Option(metavar="NUMBER", help="Other programs with another number.")] = "1",
    defect: Annotated[
        str | None, typer.Option(help="Seed this defect into the server (see `list --defects`).")
    ] = None,
    jobs: Annotated[str, typer.Option(metavar="NUMBER", help="Processes.")] = "1",
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Play programs again with other secrets, and without what is secret, and compare what one user sees.

    All in virtual time, against the reference server, where any difference is a leak.

    Exit codes: 0 none, 1 a difference, 2 usage, 3 internal error, 6 nothing could be compared,
    130 interrupted.
    """
    with one_sentence({UsageFault: ExitCode.USAGE}, debug=debug):
        if defect is not None:
            check_defect(defect)
        whole = Share(
            seed=whole_number("--seed", seed, advice="give one such as 1"),
            programs=number_between("--programs", programs, 1, _MOST_PROGRAMS),
            steps=number_between("--steps", steps, 1, _MOST_STEPS),
            defect=defect,
        )
        order = _Order(whole, number_between("--jobs", jobs, 1, _MOST_JOBS))
        with order.stop.at_signals():
            code = order.carry_out(Console(highlight=False))
        raise typer.Exit(code)


class _Order:
    """What is to be compared, and the telling of it."""

    def __init__(self, whole: Share, jobs: int) -> None:
        self._whole = whole
        self._jobs = jobs
        self.stop = Stopping()
        """Set by Ctrl-C: then what was found so far is told as it is."""

    def carry_out(self, console: Console) -> int:
        """Compare and tell; returns the exit code."""
        self._greet(console)
        examined = Examined()
        with progress(console, "comparing", self._whole.programs) as advance:
            for part in shared_out(examine, self._shares(), self._jobs, self.stop):
                advance(part.programs)
                for finding in examined.add(part):
                    _tell(console, finding)
        return self._conclude(console, examined)

    def _greet(self, console: Console) -> None:
        whole = self._whole
        deviation = "" if whole.defect is None else f" with defect {whole.defect}"
        jobs = f" · {self._jobs} jobs" if self._jobs > 1 else ""
        say_line(
            console,
            f"noninterference · sim{deviation} · seed {whole.seed} ·"
            f" {counted(whole.programs, 'program')} of {counted(whole.steps, 'random step')}{jobs}",
        )

    def _shares(self) -> Sequence[Share]:
        return [
            replace(self._whole, first=first, programs=programs)
            for first, programs in portions(self._whole.programs, self._jobs)
        ]

    def _conclude(self, console: Console, examined: Examined) -> int:
        found = len(examined.findings)
        code = ExitCode.INTERRUPTED if self.stop.is_set() else _code(examined)
        kinds = "no difference" if not found else counted(found, "kind of difference", "kinds of differences")
        unclear = f", {examined.incomparable} not comparable" if examined.incomparable else ""
        say_line(console, "")
        say_line(
            console,
            f"{code.name}  {counted_of(examined.programs, self._whole.programs, 'program')},"
            f" {counted(examined.steps, 'step')} of which"
            f" {examined.changed} said something else and {examined.removed} were left out,"
            f" {counted(examined.pairs, 'pair')}{unclear}, {kinds}"
            f" · exit code {int(code)}",
        )
        return int(code)


def _code(examined: Examined) -> ExitCode:
    """What a comparison that was not interrupted tells its caller."""
    if examined.findings:
        return ExitCode.FAIL
    return ExitCode.PASS if examined.pairs else ExitCode.INCONCLUSIVE


def _tell(console: Console, finding: Finding) -> None:
    say_line(console, "")
    say_line(console, f"{finding.level.upper():<5} {finding.kind}  {finding.requirement}  {finding.message}")
    for name in _TOLD:
        value = getattr(finding, name)
        if value is not None:
            say_line(console, f"      {name:<9} {value}")
    for line in finding.excerpt:
        say_line(console, f"        {line.at_us / 1_000_000:12.6f} s  {line.who}  {line.text}")
