"""Steps about restarts and about peers that are gone without a word."""

from collections import Counter

from sync_check.harness.explorer import moves
from sync_check.harness.explorer.kinds.outages import restarts, vanishings
from tests.harness.explorer.dice import assert_sound, done, drawn


def test_a_program_has_one_restart_at_most() -> None:
    programs = drawn(restarts, times=6)
    assert_sound(programs)
    counts = Counter(sum(step.do == moves.RESTART for step in program.steps) for program in programs)
    assert counts.keys() == {1}
    assert {"ban_member", "connect", "subscribe", "history"} < done(programs)


def test_a_program_has_one_peer_that_vanishes_at_most() -> None:
    programs = drawn(vanishings, times=3)
    assert_sound(programs)
    counts = Counter(sum(step.do == moves.VANISH for step in program.steps) for program in programs)
    assert counts.keys() == {1}
    assert {"pause", "connect"} < done(programs)
