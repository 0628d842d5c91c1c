"""All commands in one application, and how a call of it ends."""

from typing import Annotated

import typer
from typer.exceptions import TyperException

from sync_check import __version__
from sync_check.cli.contract import contract_app
from sync_check.cli.errors import say_usage
from sync_check.cli.exploring import explore_command
from sync_check.cli.helping import Command, Group
from sync_check.cli.judge import judge_command
from sync_check.cli.listing import list_command
from sync_check.cli.noninterfering import noninterference_command
from sync_check.cli.probing import probe_command
from sync_check.cli.profiling import profile_app
from sync_check.cli.replaying import replay_command
from sync_check.cli.running import run_command
from sync_check.cli.serving import ServeCommand, serve_command
from sync_check.cli.streams import guarded_streams
from sync_check.conformance.verdict import ExitCode

app = typer.Typer(
    name="sync-check",
    cls=Group,
    help="Proves that a realtime chat backend keeps every client in sync and leaks nothing.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run", cls=Command)(run_command)
app.command("noninterference", cls=Command)(noninterference_command)
app.command("judge", cls=Command)(judge_command)
app.command("explore", cls=Command)(explore_command)
app.command("replay", cls=Command)(replay_command)
app.command("probe", cls=Command)(probe_command)
app.command("list", cls=Command)(list_command)
app.command("serve", cls=ServeCommand)(serve_command)
app.add_typer(contract_app, name="contract")
app.add_typer(profile_app, name="profile")


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
        say_usage(error.format_message())
        return ExitCode.USAGE
    except (typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
