"""`sync-check contract export`: the contract as a document."""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final, get_args

import typer

from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.cli.helping import Command, Group
from sync_check.cli.values import one_of, whole_number
from sync_check.conformance.contract.export import Format, export
from sync_check.conformance.contract.export.revision import REVISIONS, UnknownRevision
from sync_check.conformance.verdict import ExitCode

_FORMATS: Final[tuple[Format, ...]] = get_args(Format)

contract_app = typer.Typer(
    name="contract", cls=Group, add_completion=False, help="Write the gateway contract for others to read."
)


@contract_app.callback(invoke_without_command=True)
def _without_command(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


@contract_app.command("export", cls=Command)
def export_command(
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help=f"{', '.join(_FORMATS)}; required."),
    ] = None,
    revision: Annotated[str, typer.Option(metavar="NUMBER", help="Revision of the contract.")] = str(
        REVISIONS[-1]
    ),
    output: Annotated[
        Path | None, typer.Option(help="File to write, replaced as a whole; else standard output.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Write the contract for others to read: events, payloads, and which request makes which event."""
    faults = {UnknownRevision: ExitCode.USAGE, UsageFault: ExitCode.USAGE}
    with one_sentence(faults, debug=debug):
        if form is None:
            raise UsageFault(f"--format is missing: give one of {', '.join(_FORMATS)}")
        advice = f"give one of {', '.join(map(str, REVISIONS))}"
        number = whole_number("--revision", revision, advice=advice)
        text = export(one_of("--format", form, _FORMATS), number)
        if output is None:
            _print(text)
        else:
            _write(output, text)


def _print(text: str) -> None:
    # The same bytes everywhere, whatever the terminal is set to.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    typer.echo(text, nl=False)


def _write(given: Path, text: str) -> None:
    if not given.name:
        raise UsageFault(f"--output {str(given)!r} names no file; give the path of one")
    path = given.resolve()  # what a link points to is replaced, not the link
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(text.encode())  # a device or a pipe is written to and stays what it is
            return
        unfinished.write_bytes(text.encode())
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise UsageFault(f"--output {str(given)!r} cannot be written: {error.strerror}") from error
