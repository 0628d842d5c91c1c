"""Cards: each of a pile is dealt before any comes again, the same to the same program of a seed."""

import re
from collections import Counter
from functools import partial
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.harness.explorer.dealing import hand
from sync_check.harness.explorer.draft import Draft, Kind
from sync_check.harness.explorer.drawing import draw_one
from sync_check.harness.explorer.generation import programs
from sync_check.harness.explorer.kinds import PILES, piles_of
from sync_check.harness.explorer.kinds.slow import slow_consumer
from sync_check.harness.explorer.program import LAG
from sync_check.harness.explorer.scope import Condition, Scope
from sync_check.harness.target import DRIVEN_FEATURES
from tests.house.checkout import ROOT

EVERYTHING: Final = Scope(features=DRIVEN_FEATURES, conditions=frozenset(Condition))


def _hands(scope: Scope, count: int, seed: int = 1) -> list[tuple[Kind, ...]]:
    return [hand(scope, seed, number) for number in range(count)]


def test_each_comes_once_before_any_comes_again() -> None:
    most = max(-(-len(pile) // dealt) for dealt, pile in PILES)
    dealt = Counter(card for cards in _hands(EVERYTHING, most) for card in cards)
    assert dealt.keys() == {card for _, pile in PILES for card, _ in pile}
    for each, pile in PILES:
        copies = Counter(card for card, _ in pile)
        times = [dealt[card] // count for card, count in copies.items()]
        assert max(times) - min(times) <= 1
        assert sum(dealt[card] for card in copies) == each * most


def test_all_are_dealt_in_as_many_programs_as_the_readme_says() -> None:
    told = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    numbers = re.search(
        r"in the first (\d+) programs, every request .* in (\d+),"
        r" every operation .* in (\d+), every input in (\d+)\.",
        told,
    )
    assert numbers is not None
    limits, requests, ranks, inputs = map(int, numbers.groups())
    needed = [-(-len(cards) // dealt) for dealt, cards in piles_of(EVERYTHING)]
    assert all(
        most - 25 < count <= most
        for count, most in zip(needed, (inputs, requests, limits, ranks), strict=True)
    )


def test_the_seed_decides_which_program_gets_which() -> None:
    assert _hands(EVERYTHING, 9) == _hands(EVERYTHING, 9)
    assert _hands(EVERYTHING, 9) != _hands(EVERYTHING, 9, seed=2)


def test_what_a_target_does_not_offer_is_not_dealt() -> None:
    bare = Scope(features=frozenset((Feature.MESSAGES,)))
    left = {card for _, cards in piles_of(bare) for card in cards}
    assert left
    assert {card for cards in _hands(bare, 60) for card in cards} <= left
    assert slow_consumer not in left
    assert slow_consumer in {card for _, cards in piles_of(EVERYTHING) for card in cards}


def test_a_program_holds_what_it_was_dealt_and_is_no_longer() -> None:
    strategy = programs(scope=EVERYTHING, steps=12, cards=(slow_consumer, partial(_marked, mark="a")))
    for number in range(20):
        program = draw_one(strategy, number)
        done = [step.do for step in program.steps]
        assert done.count(LAG) == 1
        assert "u1" in {step.by for step in program.steps if step.args.get("guild_name") == "a"}
        assert len(done) <= 12


def _marked(draft: Draft, mark: str) -> None:
    draft.add("create_guild", {"guild_name": mark}, by="u1")
