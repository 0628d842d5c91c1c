"""How long a run still takes: what its plan foresaw, corrected by what its first scenarios took."""

from typing import Final

from sync_check.conformance.run import RunStarted, ScenarioResult
from sync_check.reports.wording import counted, duration

_ENOUGH: Final = 0.15
"""So much of what was foreseen is to be over before it is worth a correction, …"""
_SEVERAL: Final = 4
"""… and so many scenarios, each of which may be an exception."""
_TOO_LATE: Final = 0.6
_RIGHT_WITHIN: Final = 0.25
_LEAST_S: Final = 5.0
"""Shorter runs are over before anybody has read how long they take."""


class Remaining:
    """Follows one run."""

    def __init__(self) -> None:
        self._foreseen: dict[str, float] = {}
        self._whole = 0.0
        self._expected = self._took = 0.0
        self._over = 0
        self._is_corrected = False

    def started(self, started: RunStarted) -> None:
        """Take notice of the plan."""
        self._foreseen = {plan.id: plan.seconds for plan in started.scenarios}
        self._whole = started.estimate.seconds

    def finished(self, result: ScenarioResult) -> None:
        """Take notice of a scenario that is over; what is judged again counts once."""
        expected = self._foreseen.pop(result.id, 0.0)
        if expected:
            self._expected += expected
            self._took += result.wall_s
            self._over += 1

    @property
    def left_s(self) -> float | None:
        """How many seconds are left, scenarios that run among them; None as long as that is no more known."""
        return sum(self._foreseen.values()) * self._factor if self._is_known else None

    def correction(self) -> str | None:
        """That the estimate was not right, in words; once, and only where it was not and much is left."""
        wrong = abs(self._factor - 1) > _RIGHT_WITHIN
        is_late = self._expected > _TOO_LATE * self._whole
        if self._is_corrected or not self._is_known or not wrong or is_late or self._whole < _LEAST_S:
            return None
        self._is_corrected = True
        whole = duration(self._whole * self._factor)
        first = counted(self._over, "scenario")
        return f"about {whole} in all: the first {first} took {self._factor:.1f} times as long as expected"

    @property
    def _is_known(self) -> bool:
        return self._over >= _SEVERAL and self._expected > _ENOUGH * self._whole

    @property
    def _factor(self) -> float:
        return self._took / self._expected if self._expected else 1.0
