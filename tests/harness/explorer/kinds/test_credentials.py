"""Steps on sessions besides those that people act in."""

from sync_check.harness.explorer import moves
from sync_check.harness.explorer.kinds.credentials import credentials, expired
from tests.harness.explorer.dice import assert_sound, done, drawn


def test_all_that_can_be_done_to_a_session_is() -> None:
    programs = drawn(credentials, times=2)
    assert_sound(programs)
    assert done(programs) == {*moves.ON_SPARE}


def test_a_used_token_is_used_again() -> None:
    renewed = [
        [step.args.get("token") for step in program.steps if step.do == moves.RENEW]
        for program in drawn(credentials)
    ]
    assert [None, moves.FIRST] in renewed


def test_a_token_is_used_that_is_over() -> None:
    programs = drawn(expired)
    assert_sound(programs)
    for program in programs:
        signed_in, passing, used = program.steps
        assert signed_in.do == moves.SIGN_IN
        assert passing.args["seconds"] > 900
        assert used.args["session"] == f"${signed_in.makes}"
