"""The sink that writes the reports of a run as files."""

from pathlib import Path

from sync_check.conformance.run import RunEvent
from sync_check.reports.completed import CompletedRun, RunCollector
from sync_check.reports.junit import junit_xml
from sync_check.reports.page import index_html
from sync_check.reports.schema import Report
from sync_check.reports.summary import summary_md


class FilesSink:
    """Writes all reports into `folder`, which exists, when the run is finished."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._collector = RunCollector()

    def handle(self, event: RunEvent) -> None:
        """Take notice of `event`; with the last one the files are written (raises `OSError`)."""
        completed = self._collector.handle(event)
        if completed is not None:
            write_reports(completed, self._folder)


def write_reports(run: CompletedRun, folder: Path) -> None:
    """Write `report.json`, `junit.xml`, `summary.md`, `index.html` into `folder`, each atomically."""
    _write(folder / "report.json", Report.of(run).to_json().encode())
    _write(folder / "junit.xml", junit_xml(run))
    _write(folder / "summary.md", summary_md(run).encode())
    _write(folder / "index.html", index_html(run).encode())


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)
