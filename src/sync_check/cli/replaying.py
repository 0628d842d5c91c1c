"""`sync-check replay`: play a saved counterexample again, and report as a run does."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from sync_check import __version__
from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.cli.profiles import (
    Given,
    ProfileOption,
    SetOption,
    declared_target,
    given_profile,
    target_text,
)
from sync_check.cli.running import CODES, DEFAULT_REPORT, carry_out, check_deviations, report_folder
from sync_check.cli.safety import check_safety
from sync_check.cli.telling import say_line, say_whole
from sync_check.counterexamples import FOLDER, URL, Counterexample, CounterexampleError, load
from sync_check.harness.engine import Order
from sync_check.harness.explorer.program import words
from sync_check.harness.target import Target
from sync_check.programs import scenario_of
from sync_check.reports.folder import ReportFolder
from sync_check.reports.wording import counted
from sync_check.targets import OWN, check_target_text
from sync_check.venues import loop_factory, randomness_for

_STEPS: Final = 40
"""Steps that are told before a program is played."""


def replay_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A counterexample that `explore` saved.")],
    target: Annotated[str | None, typer.Option(help="Where to play it; without, where it was found.")] = None,
    profile: ProfileOption = None,
    setting: SetOption = None,
    report: Annotated[
        str, typer.Option(metavar="FOLDER", help="The folder to write reports into.")
    ] = DEFAULT_REPORT,
    defect: Annotated[
        str | None,
        typer.Option(
            help="Seed this defect into a server of our own; without, the one that it was found with."
        ),
    ] = None,
    clean: Annotated[
        bool, typer.Option("--clean", help="Seed no defect and no variant, whatever it was found with.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A SHOULD that is not met is red too.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Play a counterexample again: red as long as the fault is there, green once it is mended."""
    with one_sentence(CODES, debug=debug):
        path = Path(file)
        kept = load(path)
        given = given_profile(profile, os.environ, setting or ())
        where = _where(target, given, kept, file)
        seeded, variants = _deviations(where, kept, path, defect, clean=clean)
        folder_name = report_folder(report)
        scenario, listener = scenario_of(
            kept.program, f"{FOLDER}/{path.stem}", f"{kept.finding.requirement} holds where it was broken."
        )
        declared = declared_target(where, given)
        check_safety((scenario,), declared)
        randomness = randomness_for(where, kept.seed)

        def order(opened: Target) -> Order:
            return Order(
                target=opened,
                scenarios=(scenario,),
                clients=kept.program.members,
                strict=strict or kept.strict,
                version=__version__,
                repeat=_repeat(file, target, given, defect, clean=clean, strict=strict),
                selection=(),
                sweeps=kept.server.swept,
                cleans=declared is not None,
            )

        _tell(Console(highlight=False), file, kept)
        with asyncio.Runner(loop_factory=loop_factory(where, randomness)) as runner:
            folder = ReportFolder.claim(folder_name, randomness.run_id())
            code = runner.run(
                carry_out(where, seeded, variants, randomness, folder, order, (listener,), declared)
            )
        raise typer.Exit(code)


def _tell(console: Console, file: str, kept: Counterexample) -> None:
    """What is played, and what it found once."""
    server, said = kept.server, kept.finding
    deviations = "".join(f" with defect {one}" for one in (server.defect,) if one is not None)
    deviations += "".join(f" with variant {one}" for one in server.variants)
    say_whole(console, f"replay {file}")
    say_line(console, f"      found     {said.requirement}  {said.message}")
    say_line(console, f"      on        {server.target}{deviations}, by sync-check {kept.version}")
    steps = kept.program.steps
    for number, step in enumerate(steps[:_STEPS]):
        say_line(console, f"      {'' if number else 'program':<9} {words(step)}")
    if len(steps) > _STEPS:
        say_line(console, f"      {'':<9} {counted(len(steps) - _STEPS, 'more step')}")
    say_line(console, "")


def _where(target: str | None, given: Given | None, kept: Counterexample, file: str) -> str:
    """The target to play it on. Raises `UsageFault`, `BadTarget`."""
    if given is not None and (given.asked or target is not None):
        where = target_text(target, given)
    elif target is None and kept.server.target == URL:
        raise UsageFault(f"{file} was found on a server that is not ours; give its URL by --target")
    else:
        where = target or kept.server.target
    check_target_text(where)
    return where


def _deviations(
    where: str, kept: Counterexample, path: Path, defect: str | None, *, clean: bool
) -> tuple[str | None, tuple[str, ...]]:
    """The defect and the variants of the server: what was asked for, else those that it was found with."""
    if defect is not None and clean:
        raise UsageFault("--clean and --defect contradict each other; leave one out")
    if defect is not None or clean:
        check_deviations(where, defect, ())
        return defect, ()
    if where not in OWN:
        return None, ()
    server = kept.server
    try:
        check_deviations(where, server.defect, server.variants)
    except UsageFault as fault:
        raise CounterexampleError(path, f"{fault}; --clean plays it without") from None
    return server.defect, server.variants


def _repeat(
    file: str, target: str | None, given: Given | None, defect: str | None, *, clean: bool, strict: bool
) -> tuple[str, ...]:
    words = ["sync-check", "replay", file]
    words += () if target is None else ("--target", target)
    words += () if given is None else given.repeat
    words += () if defect is None else ("--defect", defect)
    words += ("--clean",) if clean else ()
    words += ("--strict",) if strict else ()
    return tuple(words)
