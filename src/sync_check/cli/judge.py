"""`sync-check judge`: judge a recorded run again, offline, and write every report of it."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from sync_check import __version__
from sync_check.cli.errors import UsageFault, one_sentence
from sync_check.conformance.history import HistoryError, read_history
from sync_check.conformance.rejudging import rejudge
from sync_check.conformance.run import RunEvent, RunFinished
from sync_check.conformance.verdict import ExitCode
from sync_check.harness.journal_file import JournalFile
from sync_check.reports.files import FilesSink
from sync_check.reports.folder import HISTORY, REPORT, ReportFolder, ReportFolderError
from sync_check.reports.terminal import TerminalSink

_CODES: Final[dict[type[Exception], ExitCode]] = {
    UsageFault: ExitCode.USAGE,
    ReportFolderError: ExitCode.USAGE,
}
_STDIN: Final = "-"
_CLAIM: Final = "judged"
"""What the claimed folder is named after: the run id of a file may be anything."""
_LONGEST_LINE: Final = 1 << 26
"""Bytes beyond which a line is no record, so that a file without an end is not read into memory."""


def judge_command(
    history: Annotated[
        str, typer.Argument(metavar="HISTORY", help="The history.ndjson of a run; - is standard input.")
    ],
    report: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="The folder to write reports into; none are written without."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A SHOULD that is not met is red too.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Judge a recorded run again, offline, with the same output, reports and exit code.

    A run that was killed is judged up to where its history ends, as an interrupted one.
    """
    with one_sentence(_CODES, debug=debug):
        folder = None if report is None else ReportFolder.claim(_named_folder(report), _CLAIM)
        try:
            code = _judge(history, folder, strict=strict)
        except BaseException:
            if folder is not None:
                _give_up(folder)
            raise
        raise typer.Exit(code)


def _named_folder(text: str) -> Path:
    if not text:
        raise UsageFault("--report '' names no folder: give one, or leave --report out to write none")
    return Path(text)


def _judge(history: str, folder: ReportFolder | None, *, strict: bool) -> int:
    with ExitStack() as open_files:
        lines = _lines(history)
        if folder is not None:
            copy = JournalFile(folder.partial / HISTORY)
            open_files.callback(copy.close)
            # Copied while it is read: the reports lie beside exactly what was judged.
            lines = _copied(lines, copy)
        try:
            # To the end before anything is told of it: a damaged history is told nothing of.
            events = list(rejudge(read_history(lines), strict=strict, version=__version__))
            return _tell(events, folder, open_files)
        except HistoryError as error:
            raise UsageFault(f"HISTORY {history!r} cannot be judged: {error}") from error


def _tell(events: Iterable[RunEvent], folder: ReportFolder | None, open_files: ExitStack) -> int:
    """Hand the events to all sinks; returns the exit code of the run that they tell of."""
    terminal = TerminalSink(Console(highlight=False))
    files = None if folder is None else FilesSink(folder.partial)
    code = int(ExitCode.INTERNAL)
    try:
        for event in events:
            if files is not None:
                files.handle(event)
            if isinstance(event, RunFinished):
                code = event.exit_code
                if folder is not None:
                    open_files.close()
                    terminal.report_written(folder.publish())
            terminal.handle(event)
    finally:
        terminal.close()
    return code


def _give_up(folder: ReportFolder) -> None:
    """Leave nothing half-written behind; finished reports stay where the error says that they are."""
    if not (folder.partial / REPORT).exists():
        (folder.partial / HISTORY).unlink(missing_ok=True)
        folder.abandon()


def _copied(lines: Iterable[bytes], copy: JournalFile) -> Iterator[bytes]:
    for line in lines:
        copy.write(line)
        yield line


def _lines(history: str) -> Iterator[bytes]:
    """The lines of the file that is named, each with its newline. Raises `UsageFault`."""
    if not history:
        raise UsageFault(f"HISTORY '' names no file; give the {HISTORY} of a run")
    try:
        if history == _STDIN:
            # By its number: it may have been closed, and is the null device now.
            with open(0, "rb", closefd=False) as file:
                yield from iter(partial(file.readline, _LONGEST_LINE), b"")
            return
        path = Path(history)
        if path.is_dir():
            raise UsageFault(f"HISTORY {history!r} is a folder; give the {HISTORY} in it")
        with path.open("rb") as file:
            yield from iter(partial(file.readline, _LONGEST_LINE), b"")
    except OSError as error:
        raise UsageFault(
            f"HISTORY {history!r} cannot be read: {error.strerror}; give the {HISTORY} of a run"
        ) from error
