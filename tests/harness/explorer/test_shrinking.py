"""Shrinking: what is left finds the same and nothing of it can be left out."""

from sync_check.harness.explorer.bounds import at
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.explorer.shrinking import shrink


def _posts(count: int) -> tuple[Step, ...]:
    return tuple(
        Step(
            by=f"u{number % 3}",
            do="create_message",
            args={"guild_id": "$g", "channel_id": f"$c{number % 2}", "content": "~a long text"},
            makes=f"m{number}",
            beside=number % 5 == 4,
        )
        for number in range(count)
    )


def _program(*more: Step) -> Program:
    return Program(members=5, strangers=2, channels=3, steps=(*_posts(20), *more))


def test_two_steps_of_many_are_left() -> None:
    tries = 0

    def finds(program: Program) -> bool:
        nonlocal tries
        tries += 1
        made = {step.makes for step in program.steps}
        return {"m3", "m17"} <= made

    small = shrink(_program(), finds)
    assert [step.makes for step in small.steps] == ["m3", "m17"]
    assert tries < 150


def test_what_a_step_needs_stays() -> None:
    edit = Step(
        by="u1",
        do="edit_message",
        args={"guild_id": "$g", "channel_id": "$c1", "message_id": "$m7", "content": "x" * 64},
    )
    small = shrink(_program(edit), lambda program: any(step.do == "edit_message" for step in program.steps))
    assert [step.do for step in small.steps] == ["create_message", "edit_message"]
    assert (small.members, small.strangers, small.channels) == (2, 0, 2)
    assert small.steps[1].args["content"] == "x"
    assert small.steps[0].args["content"] == "~x"


def test_users_stay_where_they_matter() -> None:
    small = shrink(_program(), lambda program: program.members >= 4 and program.strangers >= 1)
    assert (small.members, small.strangers, small.steps) == (4, 1, ())


def test_it_ends_after_so_many_tries_with_the_best_so_far() -> None:
    tries = 0

    def finds(program: Program) -> bool:
        nonlocal tries
        tries += 1
        return len(program.steps) >= 3

    small = shrink(_program(), finds, most=4)
    assert tries == 4
    assert 3 <= len(small.steps) < 20


def test_nothing_is_left_that_no_file_may_hold() -> None:
    signed_in = Step(by="u1", do="sign_in", makes="k1")
    knock = Step(by="u1", do="knock", args={"session": "$k1", "query": "foreign"})
    small = shrink(
        _program(signed_in, knock), lambda program: any(one.do == "knock" for one in program.steps)
    )
    assert small.steps == (signed_in, knock)


def test_what_lies_at_a_limit_becomes_short_where_it_may() -> None:
    long = {"guild_id": "$g", "channel_id": "$c0", "content": at("message_bytes")}
    step = Step(by="u0", do="create_message", args=long, makes="m")
    small = shrink(_program(step), lambda program: any(step.makes == "m" for step in program.steps))
    assert [one.args["content"] for one in small.steps] == ["~x"]


def test_what_no_file_may_hold_is_not_tried() -> None:
    tried: list[Program] = []

    def finds(program: Program) -> bool:
        tried.append(program)
        return any(step.do == "send" for step in program.steps)

    send = Step(by="u1", do="send", args={"input": "version/float", "channel_id": "$c0"})
    small = shrink(_program(send), finds)
    assert small.steps == (send,)
    assert not [fault for program in tried for fault in program.faults()]
