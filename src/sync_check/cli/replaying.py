"""`sync-check replay`: play a saved counterexample again, and report as a run does."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from sync_check import __version__
from sync_check.cli.errors import one_sentence
from sync_check.cli.running import CODES, DEFAULT_REPORT, carry_out, check_deviations, report_folder
from sync_check.counterexamples import FOLDER, load
from sync_check.harness.engine import Order
from sync_check.harness.target import Target
from sync_check.programs import scenario_of
from sync_check.reports.folder import ReportFolder
from sync_check.targets import OWN, check_target_text
from sync_check.venues import loop_factory, randomness_for


def replay_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A counterexample that `explore` saved.")],
    target: Annotated[str | None, typer.Option(help="Where to play it; without, where it was found.")] = None,
    report: Annotated[
        str, typer.Option(metavar="FOLDER", help="The folder to write reports into.")
    ] = DEFAULT_REPORT,
    defect: Annotated[
        str | None,
        typer.Option(
            help="Seed this defect into a server of our own; without, the one that it was found with."
        ),
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Seed no defect.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A SHOULD that is not met is red too.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Play a counterexample again: red as long as the fault is there, green once it is mended."""
    with one_sentence(CODES, debug=debug):
        path = Path(file)
        kept = load(path)
        where = target or kept.target
        check_target_text(where)
        seeded = None if clean or (where not in OWN and defect is None) else defect or kept.defect
        check_deviations(where, seeded, ())
        folder_name = report_folder(report)
        scenario, listener = scenario_of(
            kept.program, f"{FOLDER}/{path.stem}", f"No {kept.finding.requirement} any more."
        )
        randomness = randomness_for(where, kept.seed)

        def order(opened: Target) -> Order:
            words = ("sync-check", "replay", file, *(() if target is None else ("--target", target)))
            return Order(
                target=opened,
                scenarios=(scenario,),
                clients=kept.program.members,
                strict=strict,
                version=__version__,
                repeat=words,
                selection=(),
            )

        with asyncio.Runner(loop_factory=loop_factory(where, randomness)) as runner:
            folder = ReportFolder.claim(folder_name, randomness.run_id())
            code = runner.run(carry_out(where, seeded, (), randomness, folder, order, (listener,)))
        raise typer.Exit(code)
