"""Worlds in the sequence of the acknowledgements that made them, and which of them were current when.

Times here are positions in the history: the number of a record. An operation takes effect at an unknown
moment between its invocation and its acknowledgement, so a moment has a *span* of worlds (epochs): those
between the last one acknowledged before it and the last one whose operation was already invoked.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.model.world import Guild, World

Touch = tuple[str, str | None]
"""A slice key and, where the slice lists entities, the id of the one that changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Worlds `first` to `last`, both included, that were current at some moment of a window."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1


class Timeline:
    """The worlds of a run. World 0 is the empty one, before everything."""

    def __init__(self) -> None:
        self._worlds: list[World] = [World()]
        self._acknowledged: list[int] = [-1]
        self._invoked: list[int] = [-1]
        self._earliest_invoked_from: list[int] = []
        self._guilds: dict[str, tuple[list[int], list[Guild | None]]] = {}
        self._touched: dict[str, list[tuple[int, int, str | None]]] = {}

    @property
    def present(self) -> World:
        """The newest world."""
        return self._worlds[-1]

    @property
    def newest(self) -> int:
        """The number of the newest world."""
        return len(self._worlds) - 1

    @property
    def worlds_so_far(self) -> Sequence[World]:
        """Every world, the empty one first."""
        return self._worlds

    def world(self, number: int) -> World:
        """World `number`."""
        return self._worlds[number]

    def push(self, world: World, *, invoked: int, acknowledged: int) -> int:
        """Append the world that the operation invoked and acknowledged at these positions made."""
        number = len(self._worlds)
        if world.guilds is not self.present.guilds:
            for guild_id, guild in world.guilds.items():
                self._note_guild(number, guild_id, guild)
        self._worlds.append(world)
        self._invoked.append(invoked)
        self._acknowledged.append(acknowledged)
        self._earliest_invoked_from.clear()
        return number

    def touch(self, op: int, touches: Sequence[Touch]) -> None:
        """Operation `op`, which made the newest world, changed these slices."""
        for key, entity in touches:
            self._touched.setdefault(key, []).append((self.newest, op, entity))

    def last_touches(self, key: str, *, until: int) -> dict[str | None, int]:
        """By entity, the operation that last changed it in a slice up to world `until`, latest last."""
        found: dict[str | None, int] = {}
        for number, op, entity in self._touched.get(key, ()):
            if number <= until:
                found.pop(entity, None)
                found[entity] = op
        return found

    def at(self, position: int) -> int:
        """The last world acknowledged before `position`."""
        return bisect_left(self._acknowledged, position) - 1

    def span(self, start: int, end: int) -> Span:
        """All worlds that may have been current at some moment between two positions."""
        earliest = self._suffix_minima()
        last = bisect_left(earliest, end) - 1
        first = self.at(start)
        return Span(first=first, last=max(first, last))

    def worlds(self, span: Span) -> Iterator[World]:
        """The worlds of a span, oldest first."""
        return (self._worlds[number] for number in range(span.first, span.last + 1))

    def guilds(self, guild_id: str, span: Span) -> tuple[Guild | None, ...]:
        """The different states of one guild over a span; None stands for a guild that does not exist."""
        numbers, states = self._guilds.get(guild_id, ([], []))
        low = bisect_right(numbers, span.first)
        high = bisect_right(numbers, span.last)
        before = (states[low - 1] if low else None,)
        return before + tuple(states[low:high])

    def certain_guilds(self, guild_id: str, span: Span) -> Sequence[Guild | None]:
        """Those states of a guild that came after a span's first world and were there for certain.

        Between two operations at the same time nobody knows which of them had happened already, so that what
        their answers suggest may never have been.
        """
        numbers, states = self._guilds.get(guild_id, ([], []))
        found: list[Guild | None] = []
        following = NEVER
        for number, state in zip(reversed(numbers), reversed(states), strict=True):
            if number <= span.first:
                break
            if number <= span.last and self._acknowledged[number] < following:
                found.append(state)
            following = min(following, self._invoked[number])
        return found[::-1]

    def tenures(self, guild_id: str) -> Iterator[tuple[Guild | None, int, int]]:
        """Each state of a guild, with two positions `after` and `until`.

        It was current at some moment between two positions, of which `start` is not the later one, exactly
        if `after < end` and `start <= until`: what `guilds` finds by a span, for whoever asks often.
        """
        numbers, states = self._guilds.get(guild_id, ([], []))
        earliest = self._suffix_minima()
        ends = [self._acknowledged[number] for number in numbers[1:]]
        for number, state, until in zip(numbers, states, [*ends, NEVER], strict=False):
            yield state, earliest[number], until

    def guild_numbers(self, guild_id: str, span: Span) -> tuple[int, int]:
        """What of a guild's states a span covers: two equal pairs see the same guild."""
        numbers, _ = self._guilds.get(guild_id, ([], []))
        return bisect_right(numbers, span.first), bisect_right(numbers, span.last)

    def _note_guild(self, number: int, guild_id: str, guild: Guild) -> None:
        numbers, states = self._guilds.setdefault(guild_id, ([], []))
        if not states or states[-1] is not guild:
            numbers.append(number)
            states.append(guild)

    def _suffix_minima(self) -> list[int]:
        # The earliest invocation among world k and all later ones grows with k, so that the last world whose
        # operation was invoked before some position is found by bisection.
        if not self._earliest_invoked_from:
            minima = list(self._invoked)
            for index in range(len(minima) - 2, -1, -1):
                minima[index] = min(minima[index], minima[index + 1])
            self._earliest_invoked_from = minima
        return self._earliest_invoked_from
