"""The first difference between what an observer saw of two runs, and what it breaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from sync_check.conformance.contract.events import EVENTS, Event, Scope, Visibility
from sync_check.conformance.judges.noninterference.observation import ANSWER, FRAME, Observed
from sync_check.conformance.verdict import Excerpt

_CONTEXT: Final = 2
"""How many observations before a difference are shown."""
_SHOWN_BEFORE: Final = 60
_SHOWN: Final = 200
_OF_SCOPE: Final[Mapping[Scope, str]] = {
    Scope.CONNECTION: "LEAK-SUB-1",
    Scope.CHANNEL: "SCOPE-3",
    Scope.GUILD: "SCOPE-5",
    Scope.USER: "SCOPE-6",
}
_OF_VISIBILITY: Final[Mapping[Visibility, str]] = {
    Visibility.ACCESS: "LEAK-CHAN-1",
    Visibility.ACCESS_SHOULD: "LEAK-CHAN-2",
    Visibility.IP_BAN_MANAGERS: "LEAK-IP-2",
    Visibility.PROFILE: "SCOPE-7",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where two sequences of observations first differ; `one` or `other` is None where that side is over."""

    index: int
    one: Observed | None
    other: Observed | None

    @property
    def at(self) -> int:
        """When it showed, in microseconds: the earlier of both."""
        return min(side.at for side in (self.one, self.other) if side is not None)

    @property
    def subject(self) -> Observed:
        """What one side has and the other has not, or has in another way."""
        sides = [side for side in (self.one, self.other) if side is not None]
        return min(sides, key=lambda side: side.at)

    @property
    def same_thing(self) -> bool:
        """Whether both sides tell of the same thing in two ways."""
        one, other = self.one, self.other
        if one is None or other is None:
            return False
        return (one.where, one.kind, one.what) == (other.where, other.kind, other.what)

    @property
    def is_of_time_only(self) -> bool:
        """Whether both sides have the same, at another time."""
        one, other = self.one, self.other
        return self.same_thing and one is not None and other is not None and one.text == other.text

    @property
    def requirement(self) -> str:
        """What it breaks."""
        subject = self.subject
        if subject.kind == ANSWER:
            return "LEAK-JOIN-1" if subject.what == "join_guild" else "LEAK-READ-1"
        if subject.kind != FRAME:
            return "LEAK-SUB-1"
        # Of an event that is due, what varies with secrets is told by its content.
        if self.same_thing and not self.is_of_time_only:
            return "LEAK-CHAN-1"
        event = EVENTS.get(subject.what)
        return "SCOPE-3" if event is None else _owed(event)

    @property
    def told(self) -> tuple[str, str]:
        """What either side says, around the place where they differ."""
        texts = ["" if side is None else side.text for side in (self.one, self.other)]
        start = max(0, _common(*texts) - _SHOWN_BEFORE)
        one, other = (_line(side, start) for side in (self.one, self.other))
        return one, other


def first_difference(one: Sequence[Observed], other: Sequence[Observed]) -> Difference | None:
    """The first difference in order, number, size, text or time; None if there is none."""
    for index, (left, right) in enumerate(zip_longest(one, other)):
        if left != right:
            return Difference(index=index, one=left, other=right)
    return None


def excerpt(who: str, observed: Sequence[Observed], difference: Difference, *, side: int) -> list[Excerpt]:
    """What one side saw just before a difference, and there."""
    index = difference.index
    lines = [
        Excerpt(at_us=one.at, who=f"{one.where} {who}", text=_line(one, 0))
        for one in observed[max(0, index - _CONTEXT) : index]
    ]
    if index < len(observed):
        one = observed[index]
        lines.append(Excerpt(at_us=one.at, who=f"{one.where} {who}", text=difference.told[side]))
    return lines


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _owed(event: type[Event]) -> str:
    general = _OF_SCOPE[event.scope]
    return general if event.scope is Scope.CHANNEL else _OF_VISIBILITY.get(event.visibility, general)


def _line(observed: Observed | None, start: int) -> str:
    if observed is None:
        return "nothing more"
    text = observed.text[start : start + _SHOWN]
    before, after = "…" if start else "", "…" if start + _SHOWN < len(observed.text) else ""
    return f"{observed.kind} {observed.what} {before}{text}{after}".replace("  ", " ")
