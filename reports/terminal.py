"""The sink that writes to a terminal, or plain lines to a pipe."""

from pathlib import Path
from typing import Final, assert_never

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from sync_check.conformance.run import (
    FindingRaised,
    OperationDone,
    RunEvent,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioResult,
    ScenarioStarted,
)
from sync_check.conformance.verdict import Verdict
from sync_check.reports.completed import RunCollector
from sync_check.reports.lines import Lines
from sync_check.reports.remaining import Remaining
from sync_check.reports.terminal_end import print_end
from sync_check.reports.visible import visible
from sync_check.reports.wording import counted, duration, estimate_words

_NAME: Final = 120
_TEXT: Final = 400
_TELL_WAIT_S: Final = 2.0
"""Shorter waits are over before they could be read."""


class TerminalSink:
    """Prints what a person wants to know while and after the run.

    On a terminal that can move its cursor the last line shows the running scenario; elsewhere there is one
    line for each finished scenario and no control code. `report` is where the reports will lie. Call `close`
    when the run is given up before its last event, or the progress line stays.
    """

    def __init__(self, console: Console, report: Path | None = None) -> None:
        self._console = console
        self._lines = Lines(console)
        self._report = report
        self._ended = False
        self._collector = RunCollector()
        self._id_width = 0
        self._verdicts: dict[str, Verdict] = {}
        self._remaining = Remaining()
        self._progress = _Progress(console, self._lines, self._remaining)

    def handle(self, event: RunEvent) -> None:
        """Take notice of `event`; raises `RunOutOfOrder` when they are not those of one run."""
        completed = self._collector.handle(event)
        match event:
            case OperationDone():
                self._progress.operation_done()
            case RunStarted():
                self._remaining.started(event)
                self._print_start(event)
            case ScenarioStarted():
                self._progress.scenario_started(event)
            case ScenarioFinished(result=result):
                self._print_result(result)
                self._remaining.finished(result)
                self._print_correction()
            case FindingRaised() | RunFinished():
                pass  # findings are told in groups at the end
            case _:
                assert_never(event)
        if completed is not None:
            self.close()
            self._ended = True
            print_end(self._lines, completed, self._report)

    def report_written(self, path: Path) -> None:
        """Say that the reports lie at `path`: at the end of the run, or at once if that is over."""
        if self._ended:
            self._lines.put_whole(f"report   {visible(str(path))}", indent=0)
        self._report = path

    def throttled(self, is_throttled: bool) -> None:
        """Take notice of an answer that was "too many", or of one that was not, for the progress line."""
        self._progress.throttled(is_throttled)

    def waiting(self, seconds: float, limit: str) -> None:
        """Take notice that something waits so long for a limit of the target, for the progress line."""
        self._progress.waiting(seconds, limit)

    def close(self) -> None:
        """Take the progress line away; may be called twice."""
        self._progress.stop()

    def _print_start(self, started: RunStarted) -> None:
        self._id_width = max((len(visible(plan.id, _NAME)) for plan in started.scenarios), default=0)
        self._lines.put(
            f"{visible(started.target, _NAME)} · {counted(started.clients, 'client')} · seed {started.seed}"
            f" · {counted(len(started.scenarios), 'scenario')} · expected: {estimate_words(started)}"
        )
        for note in started.notes:
            self._lines.put(f"note: {visible(note, _TEXT)}")
        self._lines.put("")

    def _print_result(self, result: ScenarioResult) -> None:
        before = self._verdicts.get(result.id)
        self._verdicts[result.id] = result.verdict
        changed = _changed(before, result.verdict)
        line = (
            f"{result.verdict.upper():5}  {visible(result.id, _NAME):{self._id_width}}  "
            f"{duration(result.wall_s):>7}  {changed}{visible(result.title, _NAME)}"
        )
        self._lines.put_one(line, result.verdict)

    def _print_correction(self) -> None:
        correction = self._remaining.correction()
        if correction is not None:
            self._lines.put(f"note: {correction}")


def _changed(before: Verdict | None, after: Verdict) -> str:
    if before is None:
        return ""
    return "amended: " if before is after else f"changed from {before.upper()}: "


class _Progress:
    """The last line of a live terminal: which scenario runs, and how many operations it has done.

    Operations are only counted; the line is drawn some times a second, however many there are.
    """

    def __init__(self, console: Console, lines: Lines, remaining: Remaining) -> None:
        self._console = console
        self._lines = lines
        self._remaining = remaining
        self._live: Live | None = None
        self._spinner = Spinner("line")
        self._scenario: ScenarioStarted | None = None
        self._operations = 0
        self._throttled_since: float | None = None
        self._waiting: tuple[float, str] = (0.0, "")

    def scenario_started(self, event: ScenarioStarted) -> None:
        self._scenario = event
        self._operations = 0
        can_redraw = self._console.is_terminal and not self._console.is_dumb_terminal
        if can_redraw and self._live is None:
            self._live = Live(get_renderable=self._line, console=self._console, transient=True)
            self._live.start()

    def operation_done(self) -> None:
        self._operations += 1

    def throttled(self, is_throttled: bool) -> None:
        if not is_throttled:
            self._throttled_since = None
        elif self._throttled_since is None:
            self._throttled_since = self._console.get_time()

    def waiting(self, seconds: float, limit: str) -> None:
        until = self._console.get_time() + seconds
        if until > self._waiting[0]:
            self._waiting = (until, limit)

    def stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _line(self) -> Spinner:
        scenario = self._scenario
        if scenario is not None:
            text = (
                f"{visible(scenario.id, _NAME)}  {scenario.index}/{scenario.total}  "
                f"{counted(self._operations, 'operation')}{self._left()}{self._wait()}"
            )
            self._spinner.update(text=Text(self._lines.encodable(text), no_wrap=True, overflow="ellipsis"))
        return self._spinner

    def _left(self) -> str:
        left = self._remaining.left_s
        return "" if left is None else f"  about {duration(left)} left"

    def _wait(self) -> str:
        since = self._throttled_since  # read once: this is called by the thread that draws
        now = self._console.get_time()
        if since is not None and now - since >= _TELL_WAIT_S:
            return f"  throttled by the target for {now - since:.0f} s"
        until, limit = self._waiting
        return f"  waiting {until - now:.0f} s for {limit}" if until - now >= _TELL_WAIT_S else ""
