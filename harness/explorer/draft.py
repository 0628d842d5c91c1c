"""A program while it is drawn: its steps so far, and the names that later ones can use.

What there is is kept track of as if every step succeeded, so that names mean something.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from hypothesis import strategies as st

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.harness.explorer.program import Step

_Thing = TypeVar("_Thing")
UNKNOWN: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
MALFORMED: Final = "not-an-id"
OWNER: Final = "u0"
GUILD: Final[Mapping[str, Any]] = {"guild_id": "$g"}


@cache
def _below(number: int) -> st.SearchStrategy[int]:
    """A number from 0, made once: Hypothesis takes longer to make a strategy than to draw from it."""
    return st.integers(0, number - 1)


class Draw(Protocol):
    def __call__(self, strategy: st.SearchStrategy[_Thing]) -> _Thing: ...


@dataclass(slots=True)
class Draft:
    """The program so far. Steps that a target without one of `features` does not offer are left out."""

    draw: Draw
    members: int
    strangers: int
    features: frozenset[Feature] = frozenset(Feature)
    steps: list[Step] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    bans: list[str] = field(default_factory=list)
    guilds: list[str] = field(default_factory=list)
    reactions: list[Step] = field(default_factory=list)
    failed_logins: int = 0
    count: int = 0

    # --- chance

    def one(self, things: Sequence[_Thing]) -> _Thing:
        return things[self.draw(_below(len(things)))]

    def chance(self, percent: int) -> bool:
        return self.draw(_below(100)) < percent

    def some(self, things: Sequence[_Thing], most: int) -> list[_Thing]:
        """Some different ones, in any order; none of none."""
        left, drawn = list(things), list[_Thing]()
        for _ in range(self.draw(_below(min(most, len(left)) + 1))):
            drawn.append(left.pop(self.draw(_below(len(left)))))
        return drawn

    # --- names

    def new(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def name(self) -> str:
        self.count += 1
        return f"name{self.count}"

    def known(self, names: Sequence[str]) -> str:
        """A reference to one of the names; now and then, or if there is none, to nothing."""
        if not names or self.chance(3):
            return self.one((UNKNOWN, MALFORMED))
        return f"${self.one(names)}"

    def person(self) -> str:
        return self.one(self._people)

    def different(self, count: int) -> list[str]:
        """So many different people; there are four at least."""
        left = self._people
        return [left.pop(left.index(self.one(left))) for _ in range(count)]

    @property
    def _people(self) -> list[str]:
        return [*(f"u{n}" for n in range(self.members)), *(f"s{n}" for n in range(self.strangers))]

    def actor(self) -> str:
        """Who acts: the owner somewhat more often, because that has an effect."""
        return OWNER if self.chance(25) else self.person()

    def user(self) -> str:
        return f"${self.person()}"

    def role(self) -> str:
        return self.known([*self.roles, "member", "moderator", "everyone", "owner"])

    def place(self) -> dict[str, Any]:
        return {**GUILD, "channel_id": self.known(self.channels)}

    def message(self) -> dict[str, Any]:
        if not self.messages or self.chance(4):
            return {**self.place(), "message_id": self.one((UNKNOWN, MALFORMED))}
        channel, message = self.one(self.messages[-4:])
        return {**GUILD, "channel_id": f"${channel}", "message_id": f"${message}"}

    def permissions(self, most: int) -> list[str]:
        return self.some(CANONICAL_ORDER, most)

    # --- steps

    def add(
        self, do: str, args: Mapping[str, Any], *, by: str | None = None, makes: str | None = None
    ) -> None:
        actor = by or self.actor()
        operation = OPERATIONS.get(do)
        if operation is not None and operation.feature not in (None, *self.features):
            return
        beside = self.chance(12) and self.may_be_beside(actor)
        self.steps.append(Step(by=actor, do=do, args=dict(args), makes=makes, beside=beside))

    def may_be_beside(self, actor: str) -> bool:
        """Nobody does two things at the same time: their order could not be told by anybody."""
        for step in reversed(self.steps):
            if step.by == actor:
                return False
            if not step.beside:
                return True
        return False


Kind = Callable[[Draft], None]
"""Adds a step of its kind, or a few, to a draft."""
