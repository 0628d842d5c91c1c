"""One fault is told once: what a small program also finds, and what differs from it in one step alone."""

from dataclasses import replace

import pytest

from sync_check.exploration import Kind
from sync_check.harness.explorer.program import Program, Step
from sync_check.minimising import Small
from tests.reports.runs import finding


def small(*kinds: str, requirement: str = "ACCESS-3", event: str = "message_create") -> Small:
    steps = tuple(Step(do=kind, by="u0") for kind in kinds)
    program = Program(members=2, strangers=0, channels=1, steps=steps)
    return Small(program=program, seed=1, finding=finding(requirement=requirement, event=event))


KICK = small("kick_member", "create_message")


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (small("kick_member", "update_guild", event="workspace_update"), True),
        (small("kick_member", "create_message", "settle", event="x"), True),
        (small("kick_member"), True),
        (small("kick_member", "create_message", requirement="SCOPE-5"), False),
        (small("ban_member", "update_guild"), False),
        (small("kick_member", "create_message", "settle", "settle"), False),
        (small("create_message", "kick_member", "update_guild"), False),
    ],
)
def test_small_programs_that_break_one_rule_and_differ_in_one_step_are_alike(
    other: Small, alike: bool
) -> None:
    assert other.resembles(KICK) is alike
    assert KICK.resembles(other) is alike


def test_what_it_finds_besides_needs_no_program_of_its_own() -> None:
    besides = finding(requirement="SCOPE-5", event="presence_update")
    both = replace(KICK, also=(besides,))
    assert both.finds(Kind.of(KICK.finding))
    assert both.finds(Kind.of(besides))
    assert not both.finds(Kind.of(finding(requirement="SCOPE-5", event="workspace_update")))
