"""Draws programs. Hypothesis draws; it neither runs nor shrinks anything here.

Each program has a random subset of the kinds of steps in play (swarm testing), so that long runs of one kind
appear, and is dealt a few cards: steps of which there are too many for each to be drawn often.
"""

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from sync_check.harness.explorer.draft import Draft, Kind
from sync_check.harness.explorer.kinds import kinds_of
from sync_check.harness.explorer.kinds.content import posts
from sync_check.harness.explorer.program import Program
from sync_check.harness.explorer.scope import Scope

_LEAST_KINDS: Final = 4
_ROOM: Final = 14
"""Steps that all cards together take at most: where only so many are left, no other kind gets a turn."""


def swarm(draft: Draft, kinds: list[Kind]) -> list[Kind]:
    """A random subset of them, or all where it would be small."""
    chosen = draft.some(list(range(len(kinds))), len(kinds))
    return [kinds[number] for number in sorted(chosen)] if len(chosen) >= _LEAST_KINDS else kinds


@st.composite
def programs(draw: Any, *, scope: Scope, steps: int, cards: Sequence[Kind] = ()) -> Program:
    """Programs of up to `steps` steps, among them those of the cards, each somewhere."""
    draft = Draft(
        draw,
        members=draw(st.integers(3, 5)),
        strangers=draw(st.integers(1, 2)),
        features=scope.features,
    )
    channels = draw(st.integers(1, 3))
    draft.channels = [f"c{number}" for number in range(channels)]
    draft.count = channels  # so that no new one is called like these
    # Without messages there is nothing to see of access, so these are always in play.
    in_play = [posts, *swarm(draft, kinds_of(scope))]
    latest = max(1, steps - _ROOM)
    held = sorted(((draft.one(range(latest)), card) for card in cards), key=lambda one: one[0], reverse=True)
    while len(draft.steps) < steps:
        is_turn = held and (held[-1][0] <= len(draft.steps) or len(draft.steps) >= latest)
        kind = held.pop()[1] if is_turn else draft.one(in_play)
        kind(draft)
    return Program(
        members=draft.members, strangers=draft.strangers, channels=channels, steps=tuple(draft.steps[:steps])
    ).closed()
