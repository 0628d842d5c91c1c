"""What the server that a run started logged, told with the findings that it is about."""

from rich.console import Console

from sync_check.cli.errors import say_warning
from sync_check.cli.telling import say_line
from sync_check.conformance.run import RunFinished
from sync_check.harness.engine import Engine
from sync_check.logged import logged
from sync_check.managed import ManagedProcess
from sync_check.reports.folder import SERVER_LOG


class ServerLog:
    """The log of one run's server, without secrets. The run alone knows it: no history does."""

    def __init__(self, process: ManagedProcess, engine: Engine) -> None:
        self._process = process
        self._engine = engine
        self._lines: tuple[str, ...] = ()

    def page(self, finished: RunFinished) -> str | None:
        """What is worth telling of it, for the reports; None where nothing is."""
        try:
            self._lines = tuple(logged(self._process, self._engine, finished))
        except OSError as error:
            say_warning(f"the log of target.process cannot be read: {error.strerror}")
            return None
        return "".join(f"{line}\n" for line in self._lines) or None

    def tell(self) -> None:
        """Print the same, once the reports are written."""
        if self._lines:
            console = Console(highlight=False)
            for line in self._lines:
                say_line(console, line)
            say_line(console, f"all this is in {SERVER_LOG} of the report, too")
