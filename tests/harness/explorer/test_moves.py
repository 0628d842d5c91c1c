"""What a file may say of sessions, restarts and peers that vanish."""

import pytest

from sync_check.harness.explorer.program import Program, Step, checked

SIGN_IN = Step(by="u1", do="sign_in", args={"listening": True}, makes="k1")


def _faults(*steps: Step) -> list[str]:
    return list(Program(steps=steps).faults())


def test_what_makes_sense_is_no_fault() -> None:
    on = {"session": "$k1"}
    steps = (
        SIGN_IN,
        Step(by="u1", do="renew", args={**on, "token": "first"}),
        Step(by="u1", do="present", args=on),
        Step(by="u1", do="knock", args={**on, "header": "foreign", "query": "newest"}),
        Step(by="u1", do="sign_out", args=on),
        Step(by="u0", do="restart", args={"killed": False}),
        Step(by="u1", do="vanish"),
    )
    assert _faults(*steps) == []
    program = Program(steps=steps)
    assert checked(program.model_dump(mode="json")) == program


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (
            Step(by="u1", do="present", args={"session": "$k1", "token": "stale"}),
            "step 2 presents 'stale' in 'token', not one of newest, first, foreign",
        ),
        (
            Step(by="u1", do="present", args={"session": "$k1", "token": ["newest"]}),
            "step 2 presents ['newest'] in 'token', not one of newest, first, foreign",
        ),
        (
            Step(by="u2", do="renew", args={"session": "$k1"}),
            "step 2 is on '$k1', which is no session that 'u2' has signed in to",
        ),
        (
            Step(by="u1", do="sign_out", args={"session": "$c0"}),
            "step 2 is on '$c0', which is no session that 'u1' has signed in to",
        ),
        (
            Step(by="u1", do="knock"),
            "step 2 is on None, which is no session that 'u1' has signed in to",
        ),
        (
            Step(by="u0", do="restart", args={"killed": "yes"}),
            "step 2 says 'yes' of 'killed', not true or false",
        ),
        (
            Step(by="u0", do="vanish", args={"seconds": 3}),
            "step 2 has 'seconds', which 'vanish' does not take",
        ),
        (
            Step(by="u1", do="sign_in", args={"listening": 1}),
            "step 2 says 1 of 'listening', not true or false",
        ),
    ],
)
def test_nonsense_is_refused_in_one_sentence(step: Step, fault: str) -> None:
    assert _faults(SIGN_IN, step) == [fault]
