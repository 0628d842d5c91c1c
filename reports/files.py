"""The sink that writes the reports of a run as files."""

from collections.abc import Callable
from pathlib import Path

from sync_check.conformance.run import RunEvent, RunFinished
from sync_check.reports.completed import CompletedRun, RunCollector
from sync_check.reports.folder import SERVER_LOG
from sync_check.reports.junit import junit_xml
from sync_check.reports.page import index_html
from sync_check.reports.schema import Report
from sync_check.reports.summary import summary_md


class FilesSink:
    """Writes all reports into `folder`, which exists, when the run is finished.

    `server_log` gives what the server logged, safe to show, or None where nothing is to be told of it.
    """

    def __init__(self, folder: Path, server_log: Callable[[RunFinished], str | None] | None = None) -> None:
        self._folder = folder
        self._server_log = server_log
        self._collector = RunCollector()

    def handle(self, event: RunEvent) -> None:
        """Take notice of `event`; with the last one the files are written (raises `OSError`)."""
        completed = self._collector.handle(event)
        if completed is not None:
            logged = None if self._server_log is None else self._server_log(completed.finished)
            write_reports(completed, self._folder, logged)


def write_reports(run: CompletedRun, folder: Path, logged: str | None = None) -> None:
    """Write `report.json`, `junit.xml`, `summary.md`, `index.html` into `folder`, each atomically.

    What the server `logged` goes into `server-log.txt`.
    """
    if logged is not None:
        _write(folder / SERVER_LOG, logged.encode())
    _write(folder / "report.json", Report.of(run).to_json().encode())
    _write(folder / "junit.xml", junit_xml(run))
    _write(folder / "summary.md", summary_md(run, server_log=None if logged is None else SERVER_LOG).encode())
    _write(folder / "index.html", index_html(run).encode())


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)
