"""`sync-check run`: check the order, start the target, run, report."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from sync_check import __version__
from sync_check.cli.environment import unread_variables
from sync_check.cli.errors import UsageFault, one_sentence, say_warning
from sync_check.cli.profiles import (
    Given,
    ProfileOption,
    SetOption,
    declared_target,
    given_profile,
    naming_keys,
    target_text,
)
from sync_check.cli.safety import check_safety
from sync_check.cli.server_logs import ServerLog
from sync_check.cli.settings import check_defect, check_variant
from sync_check.cli.throttling import ThrottleWatch
from sync_check.cli.values import one_of, whole_number
from sync_check.collecting import few_collections
from sync_check.conformance.run import RunFinished
from sync_check.conformance.verdict import ExitCode
from sync_check.counterexamples import CounterexampleError, kept_scenarios
from sync_check.embedded import EmbeddedServerFailed
from sync_check.harness.engine import Engine, Order
from sync_check.harness.enrolment import Roster
from sync_check.harness.errors import AccountsUnfit, TargetUnavailable
from sync_check.harness.estimate import estimate
from sync_check.harness.journal import Listener
from sync_check.harness.journal_file import JournalFile
from sync_check.harness.randomness import Randomness
from sync_check.harness.scenario import Scenario, Tier
from sync_check.harness.target import Target
from sync_check.managed import ProcessFailed
from sync_check.reports.files import FilesSink
from sync_check.reports.folder import HISTORY, ReportFolder, ReportFolderError
from sync_check.reports.terminal import TerminalSink
from sync_check.reports.wording import counted
from sync_check.scenarios.catalogue import NothingInTier, UnknownScenario, select
from sync_check.targets import EMBEDDED, OWN, BadTarget, check_target_text
from sync_check.venues import loop_factory, open_venue, randomness_for

CODES: Final[dict[type[Exception], ExitCode]] = {
    UsageFault: ExitCode.USAGE,
    UnknownScenario: ExitCode.USAGE,
    NothingInTier: ExitCode.NOTHING_RUN,
    BadTarget: ExitCode.USAGE,
    ReportFolderError: ExitCode.USAGE,
    CounterexampleError: ExitCode.USAGE,
    TargetUnavailable: ExitCode.UNAVAILABLE,
    AccountsUnfit: ExitCode.UNAVAILABLE,
    EmbeddedServerFailed: ExitCode.UNAVAILABLE,
    ProcessFailed: ExitCode.UNAVAILABLE,
}
DEFAULT_REPORT: Final = "sync-check-report"
_MOST_CLIENTS: Final = 5000
_UNTIDY_SHOWN: Final = 3


def run_command(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Ids, families or globs; all scenarios without one.")
    ] = None,
    tier: Annotated[
        str,
        typer.Option(
            metavar="TIER",
            help="`gate` plays what is quick, `nightly` also what takes minutes; an id is always played.",
        ),
    ] = Tier.GATE,
    target: Annotated[
        str | None,
        typer.Option(
            help="`embedded`, `sim` (in virtual time), or the base URL of the server to test.  "
            "[default: the profile's url, else embedded]",
        ),
    ] = None,
    profile: ProfileOption = None,
    setting: SetOption = None,
    clients: Annotated[str, typer.Option(metavar="NUMBER", help="Simulated clients per scenario.")] = "8",
    seed: Annotated[
        str,
        typer.Option(
            metavar="NUMBER", help="Fixes names, canaries and samples; not the interleaving on sockets."
        ),
    ] = "1",
    report: Annotated[
        str, typer.Option(metavar="FOLDER", help="The folder to write reports into.")
    ] = DEFAULT_REPORT,
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
    keep: Annotated[
        bool, typer.Option("--keep", help="Clean up nothing on a server of yours afterwards.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Drive clients through scenarios, judge what they saw, and write reports.

    Exit codes: 0 pass, 1 fail, 2 usage, 3 internal error, 4 target unavailable,
    5 nothing run, 6 inconclusive, 130 interrupted.
    """
    with one_sentence(CODES, debug=debug):
        level = one_of("--tier", tier, tuple(Tier))
        kept = () if scenarios else tuple(kept_scenarios())
        chosen = (*(scenario for scenario, _ in kept), *select(scenarios or (), level))
        listeners = tuple(listener for _, listener in kept)
        given = given_profile(profile, os.environ, setting or ())
        where = target_text(target, given)
        check_target_text(where)
        count = _clients(clients, chosen)
        number = whole_number("--seed", seed, advice="give one such as 1")
        variants = tuple(variant or ())
        check_deviations(where, defect, variants)
        folder_name = report_folder(report)
        repeat = _repeat(target or EMBEDDED, given, count, number, defect, variants, strict, keep, level)
        declared = declared_target(where, given)
        if scenarios:
            check_safety(chosen, declared)
        if declared is not None:
            _check_roster(chosen, count, declared)
        unread = unread_variables(os.environ, () if given is None else given.profile.variables)
        if unread is not None:
            say_warning(unread)

        randomness = randomness_for(where, number)

        def order(opened: Target) -> Order:
            return Order(
                target=opened,
                scenarios=chosen,
                clients=count,
                strict=strict,
                version=__version__,
                repeat=repeat,
                selection=tuple(scenarios or ()),
                cleans=declared is not None and not keep,
                keeps=keep,
            )

        with asyncio.Runner(loop_factory=loop_factory(where, randomness)) as runner:
            folder = ReportFolder.claim(folder_name, randomness.run_id())
            with few_collections(), naming_keys(given):
                code = runner.run(
                    carry_out(where, defect, variants, randomness, folder, order, listeners, declared)
                )
        raise typer.Exit(code)


def _clients(text: str, chosen: tuple[Scenario, ...]) -> int:
    least = max(scenario.clients for scenario in chosen)
    advice = f"give {least} to {_MOST_CLIENTS}"
    clients = whole_number("--clients", text, advice=advice)
    if not least <= clients <= _MOST_CLIENTS:
        raise UsageFault(f"--clients {clients} is out of range: {advice}")
    return clients


def _check_roster(chosen: tuple[Scenario, ...], clients: int, target: Target) -> None:
    """Raise `UsageFault` where fewer accounts are listed than a run needs."""
    roster = target.enrolment
    if isinstance(roster, Roster):
        needed = estimate(chosen, clients, target).whole.accounts
        if len(roster.accounts) < needed:
            listed = counted(len(roster.accounts), "account")
            raise UsageFault(f"{roster.named} lists {listed}, and the run needs {needed}: list more of them")


def report_folder(text: str) -> Path:
    if not text:
        raise UsageFault(f"--report '' names no folder: give one, or leave --report out for {DEFAULT_REPORT}")
    return Path(text)


def check_deviations(target: str, defect: str | None, variants: tuple[str, ...]) -> None:
    if target not in OWN and defect is not None:
        raise UsageFault(
            "--defect seeds a server of our own only; leave out --target and --profile, or --defect"
        )
    if target not in OWN and variants:
        raise UsageFault(
            "--variant changes a server of our own only; leave out --target and --profile, or --variant"
        )
    if defect is not None:
        check_defect(defect)
    for variant in variants:
        check_variant(variant)


def _repeat(
    target: str,
    given: Given | None,
    clients: int,
    seed: int,
    defect: str | None,
    variants: tuple[str, ...],
    strict: bool,
    keep: bool,
    tier: Tier,
) -> tuple[str, ...]:
    words = ["sync-check", "run", "--clients", str(clients), "--seed", str(seed)]
    if tier is not Tier.GATE:
        words += ["--tier", tier]
    if target != EMBEDDED:
        words += ["--target", target]
    if given is not None:
        words += given.repeat
    if defect is not None:
        words += ["--defect", defect]
    for variant in variants:
        words += ["--variant", variant]
    words += ["--strict"] if strict else []
    words += ["--keep"] if keep else []
    return tuple(words)


async def carry_out(
    target: str,
    defect: str | None,
    variants: tuple[str, ...],
    randomness: Randomness,
    folder: ReportFolder,
    order: Callable[[Target], Order],
    listeners: Sequence[Listener] = (),
    declared: Target | None = None,
) -> int:
    """Open the target, carry out the order, tell and report; returns the exit code.

    `listeners` get every record as well; `declared` is what is known of a server of others.
    """
    history = JournalFile(folder.partial / HISTORY)
    _on_signals(_cancel_this_task())
    try:
        async with open_venue(
            target, randomness, defect=defect, variants=variants, declared=declared
        ) as venue:
            terminal = TerminalSink(Console(highlight=False))
            watch = ThrottleWatch(history.write, terminal.throttled)
            engine = Engine(
                order(venue.target),
                randomness,
                write=watch,
                clock=venue.clock,
                transport=venue.transport,
            )
            engine.on_pacing = terminal.waiting
            for listener in listeners:
                engine.listen(listener)
            if venue.process is not None:
                engine.watch_target(venue.process.ended)
            if venue.loop is not None:
                engine.watch(venue.loop)
            _on_signals(engine.interrupt)
            log = None if venue.process is None else ServerLog(venue.process, engine)
            finished = await _report(engine, folder, history, terminal, log)
            for sentence in engine.misnamed:
                say_warning(sentence)
            if engine.untidy:
                say_warning(f"not cleaned up: {'; '.join(engine.untidy[:_UNTIDY_SHOWN])}")
            if log is not None:
                log.tell()
            return int(ExitCode.INTERNAL) if finished is None else finished.exit_code
    except (TargetUnavailable, EmbeddedServerFailed, ProcessFailed, asyncio.CancelledError):
        _abandon(folder, history)
        raise
    except BaseException as error:
        if isinstance(error, AccountsUnfit) and not error.is_amid:
            _abandon(folder, history)
            raise
        error.add_note(f"what happened up to here is in {folder.partial}")
        raise


def _abandon(folder: ReportFolder, history: JournalFile) -> None:
    """Nothing was tested: there is nothing to report."""
    history.close()
    (folder.partial / HISTORY).unlink(missing_ok=True)
    folder.abandon()


async def _report(
    engine: Engine,
    folder: ReportFolder,
    history: JournalFile,
    terminal: TerminalSink,
    log: ServerLog | None,
) -> RunFinished | None:
    files = FilesSink(folder.partial, None if log is None else log.page)
    finished: RunFinished | None = None
    try:
        async for event in engine.events():
            files.handle(event)
            if isinstance(event, RunFinished):
                history.close()
                terminal.report_written(folder.publish())
                finished = event
            terminal.handle(event)
    finally:
        terminal.close()
    return finished


def _cancel_this_task() -> Callable[[], None]:
    task = asyncio.current_task()
    assert task is not None

    def cancel() -> None:
        task.cancel()

    return cancel


def _on_signals(interrupt: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # not on every platform
            loop.add_signal_handler(number, interrupt)
