"""The frames of many connections, put together where one body came to several for the same reason.

What is judged of one of them is so judged of all: cost grows with what is sent, not with who receives it.
"""

from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, NamedTuple, TypeVar

from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.connections import Arrival, Frame

State = TypeVar("State")
Event = TypeVar("Event")


class Matched(NamedTuple):
    """A frame and what it is a delivery of; `copy` is set where that was delivered before."""

    frame: Frame
    reading: Reading
    emitted: Emitted | None = None
    copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delivery:
    """One body that came to several connections, each at its time in microseconds, for the same reason.

    That is a delivery of `emitted`, if of anything; `copy` is set where it had been delivered to them before.
    """

    arrival: Arrival
    reading: Reading
    times: Mapping[int, int]
    emitted: Emitted | None = None
    copy: bool = False

    @property
    def position(self) -> int:
        """Where in the history it came."""
        return self.arrival.position

    @property
    def numbers(self) -> KeysView[int]:
        """The connections."""
        return self.times.keys()

    @property
    def delivers(self) -> Emitted | None:
        """What it is the first delivery of."""
        return None if self.copy else self.emitted

    def to(self, number: int) -> Matched:
        """As one of the connections received it."""
        return Matched(self.arrival.frame(number), self.reading, self.emitted, self.copy)

    def among(self, numbers: Iterable[int]) -> "Delivery":
        """The same to some of the connections."""
        return replace(self, times={number: self.times[number] for number in numbers})


class Receipts(Mapping[int, Matched]):
    """By connection, the frame that delivered one and the same emission."""

    __slots__ = ("_by_connection", "deliveries")

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = deliveries
        self._by_connection: dict[int, Delivery] = {}
        for delivery in deliveries:
            self._by_connection.update(dict.fromkeys(delivery.times, delivery))

    def __getitem__(self, number: int) -> Matched:
        return self._by_connection[number].to(number)

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_connection)

    def __len__(self) -> int:
        return len(self._by_connection)

    def __contains__(self, number: object) -> bool:
        return number in self._by_connection

    def keys(self) -> KeysView[int]:
        """The connections that got it."""
        return self._by_connection.keys()

    def of_each_body(self) -> Iterator[tuple[int, Matched]]:
        """For each distinct text the first of the connections that got it, by their numbers."""
        return first_of_each_body(self.deliveries)

    def position(self, number: int) -> int:
        """Where a connection got it. Raises KeyError if it did not."""
        return self._by_connection[number].position


def first_of_each_body(deliveries: Iterable[Delivery]) -> Iterator[tuple[int, Matched]]:
    """For each distinct text the first of the connections that got it, by their numbers.

    Which of them got it earlier is chance, and a finding should name the same one in each run.
    """
    first: dict[int, tuple[int, Delivery]] = {}
    for delivery in deliveries:
        number, body = min(delivery.times), delivery.reading.body
        if body not in first or number < first[body][0]:
            first[body] = number, delivery
    for number, delivery in sorted(first.values(), key=lambda one: (one[0], one[1].position)):
        yield number, delivery.to(number)


NOBODY: Final = Receipts(())
"""Nobody got it."""


class Fold(Generic[State, Event]):
    """What the events of its stream have made of each connection, in states that compare by identity.

    Connections in the same state that get the same event are taken a step further together.
    """

    def __init__(self, numbers: Iterable[int], start: State, step: Callable[[State, Event], State]) -> None:
        self._step = step
        self._of = dict.fromkeys(numbers, start)
        self._groups: dict[State, set[int]] = {start: set(self._of)}

    def of(self, number: int) -> State:
        """Where a connection stands."""
        return self._of[number]

    @property
    def groups(self) -> Mapping[State, set[int]]:
        """The connections by where they stand."""
        return self._groups

    def take(self, numbers: KeysView[int], event: Event) -> Sequence[tuple[State, KeysView[int]]]:
        """Connections get an event; returns each state that some of them were in before, with those."""
        parts = self.parts(numbers)
        for before, some in parts:
            after = self._step(before, event)
            if after is not before:
                self._move(some, before, after)
        return parts

    def parts(self, numbers: KeysView[int]) -> Sequence[tuple[State, KeysView[int]]]:
        """The states that some connections are in, each with those."""
        first = self._of[next(iter(numbers))]
        if numbers <= self._groups[first]:
            return [(first, numbers)]
        parts: dict[State, dict[int, None]] = {}
        for number in numbers:
            parts.setdefault(self._of[number], {})[number] = None
        return [(state, some.keys()) for state, some in parts.items()]

    def _move(self, numbers: KeysView[int], before: State, after: State) -> None:
        self._of.update(dict.fromkeys(numbers, after))
        group = self._groups[before]
        group.difference_update(numbers)
        if not group:
            del self._groups[before]
        self._groups.setdefault(after, set()).update(numbers)
