"""The command line: `sync-check run | list | serve`."""

from typing import Annotated

import typer

from sync_check import __version__
from sync_check.cli.listing import list_command
from sync_check.cli.running import run_command
from sync_check.cli.serving import serve_command

app = typer.Typer(
    name="sync-check",
    help="Proves that a realtime chat backend keeps every client in sync and leaks nothing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run_command)
app.command("list")(list_command)
app.command("serve")(serve_command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sync-check {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """The entry point of the console script."""
    app()
