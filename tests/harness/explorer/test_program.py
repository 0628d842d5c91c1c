"""Programs as data: names, closure, and files that are none."""

from typing import Any

import pytest

from sync_check.harness.explorer.program import (
    FileError,
    NewerProgram,
    Program,
    Step,
    checked,
    without,
    words,
)

POST = Step(by="u0", do="create_message", args={"channel_id": "$c0", "content": "~x"}, makes="m1")
EDIT = Step(by="u1", do="edit_message", args={"message_id": "$m1", "lists": ["$m1", "plain"]})
READ = Step(by="s0", do="history", args={"channel_id": "$c1"}, beside=True)


def test_a_step_uses_what_its_arguments_name_wherever_they_do() -> None:
    assert EDIT.uses == {"u1", "m1"}
    assert POST.uses == {"u0", "c0"}


def test_without_a_step_whatever_needs_it_goes_as_well() -> None:
    program = Program(steps=(POST, EDIT, READ))
    assert without(program, [0]).steps == (READ.model_copy(update={"beside": False}),)
    assert without(program, [1]).steps == (POST, READ)


def test_fewer_users_or_channels_take_their_steps_with_them() -> None:
    program = Program(members=2, strangers=1, channels=2, steps=(POST, READ))
    assert program.model_copy(update={"channels": 1}).closed().steps == (POST,)
    assert program.model_copy(update={"strangers": 0}).closed().steps == (POST,)


def test_what_is_written_is_what_is_read() -> None:
    place = {"guild_id": "$g", "channel_id": "$c0"}
    steps = tuple(
        step.model_copy(update={"args": {**args, **place}})
        for step, args in ((POST, POST.args), (READ, READ.args))
    )
    program = Program(steps=steps)
    assert checked(program.model_dump(mode="json")) == program


@pytest.mark.parametrize(
    ("document", "words_of_it"),
    [
        ([], "it: "),
        ({"steps": [{"by": "u0"}]}, "steps.0.do: it is missing"),
        ({"members": 99}, "members: "),
        ({"steps": [{"by": "u0", "do": "fly"}]}, "step 1 does 'fly', which is no operation"),
        ({"steps": [{"by": "u9", "do": "settle"}]}, "step 1 is by 'u9', which is no user"),
        ({"colour": 1}, "colour: there is no such member"),
        *(
            ({"steps": [{"by": "u0", "do": "kick_member", "args": args}]}, words_of_it)
            for args, words_of_it in (
                ({"guild_id": "$g"}, "step 1 does 'kick_member' without 'user_id'"),
                ({"guild_id": "$g", "user_id": 5}, "step 1 does 'kick_member' with 5 as 'user_id': "),
                ({"guild_id": "$g", "user_id": "$u1", "x": 1}, "has 'x', which 'kick_member' does not take"),
                (
                    {"guild_id": "$g", "user_id": "\ud800"},
                    "with half of a surrogate pair, which is no text",
                ),
            )
        ),
    ],
)
def test_what_is_no_program_is_refused_in_words(document: Any, words_of_it: str) -> None:
    with pytest.raises(FileError) as caught:
        checked(document)
    assert words_of_it in str(caught.value)


def test_a_later_version_is_named() -> None:
    with pytest.raises(NewerProgram, match="version 2, this sync-check knows 1"):
        checked({"version": 2})


def test_a_step_reads_like_a_call() -> None:
    assert words(POST) == 'u0: create_message(channel_id="$c0", content="~x") → m1'
    assert words(READ) == '& s0: history(channel_id="$c1")'
