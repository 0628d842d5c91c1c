"""What the server that a run started logged: of the operations behind findings, and last where it ended."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console

from sync_check.cli.errors import say_warning
from sync_check.cli.telling import say_line
from sync_check.conformance.run import RunFinished
from sync_check.harness.engine import Engine
from sync_check.managed import ManagedProcess
from sync_check.reports.folder import SERVER_LOG
from sync_check.reports.visible import visible
from sync_check.reports.wording import counted
from sync_check.server_log import requests_of

_MESSAGE: Final = 200
"""Characters of a finding's message beside a request id."""


class ServerLog:
    """The log of one run's server, without secrets. The run alone knows it: no history does."""

    def __init__(self, process: ManagedProcess, engine: Engine) -> None:
        self._process = process
        self._engine = engine
        self._lines: tuple[str, ...] = ()

    def page(self, finished: RunFinished) -> str | None:
        """What is worth telling of it, for the reports; None where nothing is."""
        try:
            lines = (*self._end(), *self._slices(finished))
        except OSError as error:
            say_warning(f"the log of target.process cannot be read: {error.strerror}")
            return None
        self._lines = tuple(map(visible, lines))
        return "".join(f"{line}\n" for line in self._lines) or None

    def tell(self) -> None:
        """Print the same, once the reports are written."""
        if self._lines:
            console = Console(highlight=False)
            for line in self._lines:
                say_line(console, line)
            say_line(console, f"all this is in {SERVER_LOG} of the report, too")

    def _end(self) -> Iterator[str]:
        if self._engine.lost is not None:
            yield f"{self._engine.lost}; it last said:"
            for line in self._process.last_lines(self._engine.redact) or ("nothing",):
                yield f"  {line}"

    def _slices(self, finished: RunFinished) -> Iterator[str]:
        requests = requests_of(finding for result in finished.results for finding in result.findings)
        if not requests:
            return
        yield f"server log of {counted(len(requests), 'request')} behind findings:"
        for line in self._process.said_of(requests) or ("nothing that holds their x-request-id",):
            yield f"  {self._engine.redact(line)}"
        yield "findings that show these requests:"
        for request, finding in requests.items():
            what = f"{finding.level.upper()} {finding.requirement} in {finding.scenario}"
            yield f"  {request}  {what}: {visible(finding.message, _MESSAGE)}"
