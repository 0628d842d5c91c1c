"""The command line: `sync-check run | list | serve | contract`."""

import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from sync_check import __version__
from sync_check.cli.contract import contract_app
from sync_check.cli.errors import say_usage
from sync_check.cli.listing import list_command
from sync_check.cli.running import run_command
from sync_check.cli.serving import ServeCommand, serve_command
from sync_check.cli.streams import open_closed_streams
from sync_check.conformance.verdict import ExitCode

app = typer.Typer(
    name="sync-check",
    help="Proves that a realtime chat backend keeps every client in sync and leaks nothing.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run_command)
app.command("list")(list_command)
app.command("serve", cls=ServeCommand)(serve_command)
app.add_typer(contract_app, name="contract")


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


def main() -> None:
    """The entry point of the console script."""
    open_closed_streams()
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        say_usage(error.format_message())
        code = ExitCode.USAGE
    except typer.Abort:
        code = ExitCode.INTERRUPTED
    sys.exit(code or ExitCode.PASS)
