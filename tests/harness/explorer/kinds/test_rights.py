"""Rules about rights that meet: drawn so that they do."""

from sync_check.harness.explorer.kinds.rights import rights
from sync_check.harness.explorer.program import Program
from tests.harness.explorer.dice import assert_sound, done, drawn


def test_they_are_sound_with_one_channel_too() -> None:
    assert_sound(drawn(rights))
    alone = drawn(rights, channels=1)
    assert_sound(alone)
    assert "delete_channel" not in done(alone)


def test_two_roles_of_one_member_are_at_odds_in_a_channel() -> None:
    overrides = [_of_roles(program) for program in drawn(rights)]
    pairs = [pair for pair in overrides if len(pair) == 2]
    assert pairs
    for (first, allow, deny), (second, also, against) in pairs:
        assert first != second
        assert (allow, deny) == (against, also)
    assert {first == "$member" for (first, *_), _ in pairs} == {True, False}


def _of_roles(program: Program) -> list[tuple[str, list[str], list[str]]]:
    return [
        (step.args["target_id"], step.args["allow"], step.args["deny"])
        for step in program.steps
        if step.do == "override_permission" and step.args["target_kind"] == "role"
    ]


def test_roles_have_telling_names_and_no_permissions() -> None:
    named = {
        step.args["role_name"]: step.args["permissions"]
        for program in drawn(rights)
        for step in program.steps
        if step.do == "create_role"
    }
    assert {"admin", "owner"} < named.keys()
    assert not any(named.values())
