"""`sync-check noninterference`: whether what somebody sees depends on what they may not know."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.cli.settings import check_defect
from sync_check.cli.values import number_between, whole_number
from sync_check.conformance.verdict import ExitCode, Finding
from sync_check.noninterference import Examined, Share, examine
from sync_check.reports.visible import visible
from sync_check.reports.wording import counted

_PER_SHARE: Final = 25
"""Programs of one share: small enough for all processes to end at about the same time."""
_MOST_PROGRAMS: Final = 1_000_000
_MOST_STEPS: Final = 1_000
_MOST_JOBS: Final = 64
_TOLD: Final = ("client", "event", "expected", "received")


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
        processes = number_between("--jobs", jobs, 1, _MOST_JOBS)
        raise typer.Exit(_carry_out(whole, processes, Console(highlight=False)))


def _carry_out(whole: Share, jobs: int, console: Console) -> int:
    deviation = "" if whole.defect is None else f" with defect {whole.defect}"
    processes = f" · {jobs} jobs" if jobs > 1 else ""
    _say(
        console,
        f"noninterference · sim{deviation} · seed {whole.seed} ·"
        f" {counted(whole.programs, 'program')} of {counted(whole.steps, 'random step')}{processes}",
    )
    examined = Examined()
    for part in _examined(list(_shares(whole)), jobs):
        for finding in examined.add(part):
            _tell(console, finding)
    return _conclude(console, examined)


def _shares(whole: Share) -> Iterator[Share]:
    for number, begun in enumerate(range(0, whole.programs, _PER_SHARE)):
        yield Share(
            seed=whole.seed,
            programs=min(_PER_SHARE, whole.programs - begun),
            steps=whole.steps,
            defect=whole.defect,
            number=number,
        )


def _examined(shares: list[Share], jobs: int) -> Iterator[Examined]:
    if jobs == 1:
        yield from map(examine, shares)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(examine, share) for share in shares]):
            yield future.result()


def _tell(console: Console, finding: Finding) -> None:
    _say(console, "")
    _say(console, f"{finding.level.upper():<5} {finding.kind}  {finding.requirement}  {finding.message}")
    for name in _TOLD:
        value = getattr(finding, name)
        if value is not None:
            _say(console, f"      {name:<9} {value}")
    if finding.cause is not None:
        _say(console, f"      cause     perhaps {finding.cause}, the last secret operation before it")
    for line in finding.excerpt:
        _say(console, f"        {line.at_us / 1_000_000:12.6f} s  {line.who}  {line.text}")


def _conclude(console: Console, examined: Examined) -> int:
    found = len(examined.findings)
    if found:
        code = ExitCode.FAIL
    else:
        code = ExitCode.PASS if examined.pairs else ExitCode.INCONCLUSIVE
    kinds = "no difference" if not found else counted(found, "kind of difference", "kinds of differences")
    unclear = f", {examined.incomparable} not comparable" if examined.incomparable else ""
    _say(console, "")
    _say(
        console,
        f"{code.name}  {counted(examined.programs, 'program')}, {counted(examined.steps, 'step')} of which"
        f" {examined.changed} said something else and {examined.removed} were left out,"
        f" {counted(examined.pairs, 'pair')}{unclear}, {kinds}"
        f" · exit code {int(code)}",
    )
    return int(code)


def _say(console: Console, text: str) -> None:
    """One line, whatever the server put into it."""
    console.print(escape(visible(text)), soft_wrap=True)
