"""Values at a limit as data: which steps may have one, and of what size it is."""

import base64
from typing import Any

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.harness.explorer.bounds import MEMBERS, at, bounds_of, makes_more
from sync_check.harness.explorer.filling import size_of, written
from sync_check.harness.explorer.program import FileError, Program, Step, checked, words
from sync_check.harness.randomness import CANARY_LENGTH

LIMITS = Limits(message_bytes=100, avatar_bytes=500)
PLACE = {"guild_id": "$g", "channel_id": "$c0"}
POST = Step(by="u0", do="create_message", args={**PLACE, "content": at("message_bytes", 1)})


def test_a_step_names_the_limit_and_how_far_over_it() -> None:
    assert words(POST).endswith('content={"limit": "message_bytes", "over": 1})')
    assert bounds_of(POST.args) == {"content": {"limit": "message_bytes", "over": 1}}
    program = Program(steps=(POST,))
    assert checked(program.model_dump(mode="json")) == program


def _with(do: str, **args: Any) -> Any:
    return {"steps": [{"by": "u0", "do": do, "args": args}]}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (
            _with("create_message", content=at("colour")),
            "step 1 names 'colour', which is no limit of 'content' in 'create_message'",
        ),
        (
            _with("create_message", guild_id=at("message_bytes")),
            "step 1 names 'message_bytes', which is no limit of 'guild_id' in 'create_message'",
        ),
        (
            _with("settle", seconds=at("message_bytes")),
            "step 1 has 'seconds', which 'settle' does not take",
        ),
        (
            _with("create_message", content={"limit": ["message_bytes"]}),
            "step 1 names ['message_bytes'], which is no limit of 'content' in 'create_message'",
        ),
        (
            _with("history", limit=at("history_page", 99)),
            "step 1 goes 99 over the limit 'history_page', not -1, 0 or 1",
        ),
        (
            _with("history", limit={"limit": "history_page", "over": True}),
            "step 1 goes True over the limit 'history_page', not -1, 0 or 1",
        ),
        (
            _with("history", limit={"limit": "history_page", "under": 1}),
            "step 1 says more of 'limit' than a limit and how far over it",
        ),
    ],
)
def test_what_lies_at_no_limit_is_refused_in_words(document: Any, told: str) -> None:
    with pytest.raises(FileError) as caught:
        checked(document)
    assert str(caught.value) == told


@pytest.mark.parametrize(("over", "size"), [(-1, 99), (0, 100), (1, 101)])
def test_its_size_is_what_the_target_declares(over: int, size: int) -> None:
    assert size_of(at("message_bytes", over), LIMITS) == size
    assert size_of({"limit": "message_bytes"}, LIMITS) == LIMITS.message_bytes
    assert size_of(at("password_bytes", over), LIMITS) == 128 + over


@pytest.mark.parametrize("size", [500, 80, 68, 3, 0])
def test_a_picture_has_as_many_bytes(size: int) -> None:
    assert len(base64.b64decode(written("data", size))) == size


def test_a_text_has_as_many_with_what_is_put_behind_it() -> None:
    assert written("about_markdown", 3) == "xxx"
    secret = written("content", 100)
    assert secret[0] == "~"
    assert len(f"{secret[1:]} ") + CANARY_LENGTH == 100
    assert written("content", 9) == "x" * 9
    assert written("limit", 9) == 9


def test_only_lists_of_different_things_take_more_than_one_call() -> None:
    listed = {name for limit, name in MEMBERS.items() if makes_more({name: at(limit)})}
    assert listed == {"attachment_ids", "channel_ids"}
