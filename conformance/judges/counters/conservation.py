"""What was counted as emitted and what arrived (METRIC-2, METRIC-3)."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Set
from typing import Final, NamedTuple

from sync_check.conformance.contract.counters import Counter
from sync_check.conformance.contract.events import EVENTS, Scope
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Ending
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.arrivals import Arrivals, Doubt, Observers
from sync_check.conformance.judges.counters.reads import Growth
from sync_check.conformance.judges.counters.repairs import LISTED, Lists, judge_repairs
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Kind

_MOST_NAMED: Final = 6
"""Events that one finding names."""


class Balance(NamedTuple):
    """Whether something was counted just as it came, and whether nobody can have missed anything at all."""

    held: bool
    quiet: bool


NOTHING: Final = Balance(held=False, quiet=False)


class Conservation:
    """Compares, event by event, what a target counted between two reads with what came.

    Where everybody who may have been told an event was reached by a fence afterwards, both are equal. Else at
    least as much must have been counted as came.
    """

    def __init__(self, case: Case, judgement: Judgement) -> None:
        self._judgement = judgement
        self._observers = Observers(case)
        self._is_complete = case.scenario.ending is Ending.COMPLETED
        self._lists_participants = Feature.VOICE in case.header.features

    def judge(self, growth: Growth) -> Balance:
        """Judge what was counted between two reads; that there is no such counter is not judged here."""
        arrivals = self._observers.arrivals(growth)
        doubt = self._observers.doubt(growth)
        if self._lists_participants:
            judge_repairs(self._judgement, growth, self._lists(arrivals, doubt))
        if not growth.after.has(Counter.EMITTED):
            return NOTHING
        emitted = self._emitted(growth)
        # Where a scenario gave up, a connection may have come about of which we know nothing.
        names = {*emitted, *arrivals.sure} if self._is_complete else set()
        exact = {name for name in names if not doubt.touches(name)}
        before = len(self._judgement.findings)
        self._too_few(growth, emitted, arrivals, exact)
        self._too_many(growth, emitted, arrivals, exact)
        held = exact & arrivals.sure.keys() if len(self._judgement.findings) == before else set()
        if held:
            self._judgement.witness("METRIC-2")
        if any(not _is_answer(name) for name in held):
            self._judgement.witness("METRIC-3")
        return Balance(held=bool(held), quiet=self._is_complete and not doubt.connections)

    def _lists(self, arrivals: Arrivals, doubt: Doubt) -> Lists:
        """How many lists of voice participants were sent between two reads."""
        least = arrivals.sure[LISTED]
        is_exact = self._is_complete and not doubt.touches(LISTED)
        most = least + arrivals.perhaps[LISTED] + arrivals.unreadable if is_exact else None
        return Lists(least, most)

    def _emitted(self, growth: Growth) -> Tally[str]:
        """The growth by event, which is counted under one scope only."""
        found, strange = Tally[str](), dict[str, int]()
        for (scope, name), by in growth.of(Counter.EMITTED).items():
            event = EVENTS.get(name)
            found[name] += int(by)
            if event is not None and scope != event.scope:
                strange[f"{name} as {shown(scope, 40)}"] = int(by)
        if strange:
            message = "events are counted under another scope than theirs"
            self._find(growth, "METRIC-2", message, None, "the scopes of section 5", _listed(strange))
        return found

    def _too_few(self, growth: Growth, emitted: Tally[str], arrivals: Arrivals, exact: Set[str]) -> None:
        short = {name: came for name, came in arrivals.sure.items() if emitted[name] < came}
        message = "fewer events are counted as emitted than came"
        for requirement, names in _by_requirement(short, exact).items():
            self._differ(growth, requirement, message, names, short, emitted)

    def _too_many(self, growth: Growth, emitted: Tally[str], arrivals: Arrivals, exact: Set[str]) -> None:
        most = {name: arrivals.sure[name] + arrivals.perhaps[name] + arrivals.unreadable for name in exact}
        over = {name: came for name, came in most.items() if emitted[name] > came}
        message = "more events are counted as emitted than came"
        for requirement, names in _by_requirement(over, exact).items():
            self._differ(growth, requirement, message, names, over, emitted, kind=Kind.LIVENESS)

    # --- findings

    def _differ(
        self,
        growth: Growth,
        requirement: str,
        message: str,
        names: list[str],
        came: Mapping[str, int],
        emitted: Mapping[str, int],
        *,
        kind: Kind = Kind.CONTRACT,
    ) -> None:
        self._find(
            growth,
            requirement,
            message,
            names[0],
            _listed({name: came[name] for name in names}),
            _listed({name: emitted.get(name, 0) for name in names}),
            kind=kind,
        )

    def _find(
        self,
        growth: Growth,
        requirement: str,
        message: str,
        event: str | None,
        expected: str,
        received: str,
        *,
        kind: Kind = Kind.CONTRACT,
    ) -> None:
        self._judgement.find(
            kind,
            requirement,
            f"metrics: {message}",
            event=event,
            expected=expected,
            received=received,
            cause=growth.after.call,
            excerpt=[*lines_of_call(growth.before.call), *lines_of_call(growth.after.call)],
        )


def _is_answer(name: str) -> bool:
    """Whether events of that name go to nobody but the connection that they answer."""
    event = EVENTS.get(name)
    return event is not None and event.scope is Scope.CONNECTION


def _by_requirement(names: Iterable[str], exact: Set[str]) -> Mapping[str, list[str]]:
    """METRIC-3 speaks of what cannot have got lost, METRIC-2 of all, answers to a connection included."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        found.setdefault("METRIC-2" if _is_answer(name) or name not in exact else "METRIC-3", []).append(name)
    return found


def _listed(numbers: Mapping[str, int]) -> str:
    told = [f"{shown(name, 60)} {number}" for name, number in sorted(numbers.items())]
    rest = f" and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
    return ", ".join(told[:_MOST_NAMED]) + rest
