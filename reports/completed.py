"""A whole run, collected from its events: what the written reports are made of.

ValueError
 └── RunOutOfOrder      the events of a run came in an order that no run has
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sync_check.conformance.run import RunEvent, RunFinished, RunStarted, ScenarioResult


class RunOutOfOrder(ValueError):
    """`event` is missing in a run, or came where no run has it."""

    def __init__(self, event: str) -> None:
        super().__init__(event)
        self.event = event

    def __str__(self) -> str:
        return f"a run has exactly one {self.event}, at its place"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedRun:
    """A run from its start to its end, interrupted ones included."""

    started: RunStarted
    finished: RunFinished

    @property
    def results(self) -> tuple[ScenarioResult, ...]:
        """The final result of every scenario, once, in order."""
        return self.finished.results

    @classmethod
    def of(cls, events: Iterable[RunEvent]) -> "CompletedRun":
        """The run that `events` tell of; raises `RunOutOfOrder` when they are not one whole run."""
        collector = RunCollector()
        completed = [run for run in map(collector.handle, events) if run is not None]
        if len(completed) != 1:
            raise RunOutOfOrder("RunFinished")
        return completed[0]


class RunCollector:
    """Waits for the end of a run: `handle` returns the completed run with its last event, else None."""

    def __init__(self) -> None:
        self._started: RunStarted | None = None

    def handle(self, event: RunEvent) -> CompletedRun | None:
        """Take notice of `event`; raises `RunOutOfOrder`."""
        if isinstance(event, RunStarted):
            if self._started is not None:
                raise RunOutOfOrder("RunStarted")
            self._started = event
        if not isinstance(event, RunFinished):
            return None
        if self._started is None:
            raise RunOutOfOrder("RunStarted")
        return CompletedRun(started=self._started, finished=event)
