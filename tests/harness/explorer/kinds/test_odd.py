"""Steps that send what is odd: every row of the table can be drawn, and rows of every group are."""

from collections import Counter

from sync_check.harness.explorer import oddities
from sync_check.harness.explorer.draft import OWNER
from sync_check.harness.explorer.kinds.odd import floods, offences, pings, requests
from sync_check.harness.explorer.program import Program
from tests.harness.explorer.dice import assert_sound, done, drawn


def _names(programs: list[Program], member: str) -> Counter[str]:
    return Counter(str(step.args[member]) for program in programs for step in program.steps)


def test_inputs_are_drawn_of_every_group_but_no_flood() -> None:
    programs = drawn(offences, times=6)
    assert_sound(programs)
    assert done(programs) == {oddities.SEND}
    names = _names(programs, "input")
    groups = {name.partition("/")[0] for name in names}
    assert groups == {one.group for one in oddities.INPUTS.values()} - {"flood"}
    assert len(names) > 250


def test_requests_are_drawn_of_every_group_and_those_of_owners_by_owners() -> None:
    programs = drawn(requests, times=4)
    assert_sound(programs)
    groups = {name.partition("/")[0] for name in _names(programs, "request")}
    assert groups == {name.partition("/")[0] for name in (*oddities.BY_ANYBODY, *oddities.BY_OWNER)}
    owned = [step for one in programs for step in one.steps if step.args["request"] in oddities.BY_OWNER]
    assert {step.by for step in owned} == {OWNER}


def test_a_flood_is_one_step_and_there_is_one_at_most() -> None:
    programs = drawn(floods, times=2)
    assert_sound(programs)
    assert {len(one.steps) for one in programs} == {1}
    assert _names(programs, "input").keys() == {oddities.FILLED_UP, "flood/subscribes"}
    assert all(oddities.is_flood(step.do, step.args) for one in programs for step in one.steps)


def test_anybody_pings_and_somebody_once() -> None:
    programs = drawn(pings, times=2)
    assert_sound(programs)
    assert {len(one.steps) for one in programs} == {1}
    assert {step.by for one in programs for step in one.steps} > {OWNER, "s0"}
