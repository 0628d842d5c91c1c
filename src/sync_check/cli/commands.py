"""All commands in one application, and how a call of it ends."""

from typing import Annotated, Final

import typer
from typer.exceptions import TyperException

from sync_check import __version__
from sync_check.cli.errors import say_usage
from sync_check.cli.loading import late_group
from sync_check.cli.streams import guarded_streams
from sync_check.conformance.verdict import ExitCode

PLACES: Final = {
    "run": "sync_check.cli.running:run_command",
    "noninterference": "sync_check.cli.noninterfering:noninterference_command",
    "judge": "sync_check.cli.judge:judge_command",
    "explore": "sync_check.cli.exploring:explore_command",
    "replay": "sync_check.cli.replaying:replay_command",
    "probe": "sync_check.cli.probing:probe_command",
    "list": "sync_check.cli.listing:list_command",
    "serve": "sync_check.cli.serving:serve_app",
    "contract": "sync_check.cli.contract:contract_app",
    "profile": "sync_check.cli.profiling:profile_app",
}
"""Where each command is, in the order in which help tells them."""

app = typer.Typer(
    name="sync-check",
    cls=late_group(PLACES),
    help="Proves that a realtime chat backend keeps every client in sync and leaks nothing.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sync-check {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the command."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


def call() -> int:
    """Carry out the command line of this process; returns its exit code.

    What standard output did not take, other than because its reader had gone, makes `PASS` an `INTERNAL`:
    nothing is green that was not told. Any other code says more and stays.
    """
    with guarded_streams() as output:
        code = _carried_out()
    is_lost = output is not None and output.is_lost
    return ExitCode.INTERNAL if is_lost and code == ExitCode.PASS else code


def _carried_out() -> int:
    try:
        return app(standalone_mode=False) or ExitCode.PASS
    except TyperException as error:
        # Without one, help has been shown instead.
        if message := error.format_message():
            say_usage(message)
        return ExitCode.USAGE
    except (typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
