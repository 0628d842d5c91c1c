"""Draws programs. Hypothesis draws; it neither runs nor shrinks anything here.

Each program has a random subset of the kinds of steps in play (swarm testing), so that long runs of one kind
appear.
"""

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from sync_check.conformance.contract.features import Feature
from sync_check.harness.explorer.draft import Draft, Kind
from sync_check.harness.explorer.kinds import kinds_of
from sync_check.harness.explorer.kinds.content import posts
from sync_check.harness.explorer.program import Program

_LEAST_KINDS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What there is to draw from: see `kinds_of`."""

    features: frozenset[Feature]
    virtual: bool = False
    addresses: bool = False
    restarts: bool = False
    verbatim: bool = False
    floods: bool = False

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of steps in it."""
        return kinds_of(
            self.features,
            virtual=self.virtual,
            addresses=self.addresses,
            restarts=self.restarts,
            verbatim=self.verbatim,
            floods=self.floods,
        )


def swarm(draft: Draft, kinds: list[Kind]) -> list[Kind]:
    """A random subset of them, or all where it would be small."""
    chosen = draft.some(list(range(len(kinds))), len(kinds))
    return [kinds[number] for number in sorted(chosen)] if len(chosen) >= _LEAST_KINDS else kinds


@st.composite
def programs(draw: Any, *, scope: Scope, steps: int) -> Program:
    """Programs of up to `steps` steps."""
    draft = Draft(
        draw,
        members=draw(st.integers(3, 5)),
        strangers=draw(st.integers(1, 2)),
        features=scope.features,
    )
    channels = draw(st.integers(1, 3))
    draft.channels = [f"c{number}" for number in range(channels)]
    # Without messages there is nothing to see of access, so these are always in play.
    in_play = [posts, *swarm(draft, scope.kinds)]
    while len(draft.steps) < steps:
        draft.one(in_play)(draft)
    return Program(
        members=draft.members, strangers=draft.strangers, channels=channels, steps=tuple(draft.steps[:steps])
    ).closed()
