"""Which rare steps each program gets: they are dealt like cards, so that none waits for luck.

What is drawn at random among hundreds is not drawn in hundreds of programs either: of as many draws as there
are things more than a third is left. Dealt from a shuffled pile, each comes once before any comes again.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from sync_check.harness.explorer.draft import Kind
from sync_check.harness.explorer.kinds import piles_of
from sync_check.harness.explorer.scope import Scope
from sync_check.harness.randomness import Randomness


def hand(scope: Scope, seed: int, number: int) -> tuple[Kind, ...]:
    """The cards of the program of a number, from piles that `seed` shuffles."""
    return tuple(
        card
        for index, (dealt, cards) in enumerate(piles_of(scope))
        for card in _dealt(cards, range(number * dealt, (number + 1) * dealt), seed, index)
    )


def _dealt(cards: Sequence[Kind], places: range, seed: int, index: int) -> Iterator[Kind]:
    """Those at these places of a pile that is shuffled anew each time that it is used up."""
    for place in places:
        turn, at = divmod(place, len(cards))
        yield cards[_order(seed, index, turn, len(cards))[at]]


@lru_cache(maxsize=64)
def _order(seed: int, index: int, turn: int, count: int) -> Sequence[int]:
    """So many places in the order that a pile is dealt in at a turn, which lasts for many programs."""
    order = list(range(count))
    Randomness(seed).fresh(f"pile/{index}/{turn}").shuffle(order)
    return order
