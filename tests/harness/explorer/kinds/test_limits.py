"""Steps at a limit: drawn of each limit, kept to by a clean server, and telling where others are in force."""

import base64
from typing import Any, Final

import pytest

from sync_check.conformance.verdict import Verdict
from sync_check.exploration import Ground, play, red
from sync_check.harness.explorer.bounds import MEMBERS, at, bounds_of
from sync_check.harness.explorer.kinds.limits import CARDS, DEAR_CARDS, limits
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.images import PNG, png
from tests.harness.explorer.dice import thrown

PLACE: Final = {"guild_id": "$g", "channel_id": "$c0"}
FILE: Final = {**PLACE, "content_type": PNG, "data": base64.b64encode(png()).decode()}
NEVER_DRAWN: Final = {"attachment_bytes"}
"""Twenty-five megabytes are for files written by hand."""


def test_every_limit_is_drawn_at_it_and_beyond() -> None:
    steps = [step for card in (*CARDS, *DEAR_CARDS) for step in thrown(card, 20)]
    drawn = [bound for step in steps for bound in bounds_of(step.args).values()]
    for limit in MEMBERS.keys() - NEVER_DRAWN:
        assert at(limit) in drawn, limit
        assert at(limit, 1) in drawn, limit
    assert not NEVER_DRAWN & {bound["limit"] for bound in drawn}


def test_what_takes_long_is_dealt_alone() -> None:
    drawn = {name for step in thrown(limits, 3000) for name in bounds_of(step.args)}
    assert drawn
    assert not drawn & {MEMBERS[limit] for limit in ("avatar_bytes", "banner_bytes", "listed_channels")}


def _step(do: str, args: dict[str, Any], limit: str, over: int) -> Step:
    return Step(by="u0", do=do, args={**args, MEMBERS[limit]: at(limit, over)})


def _program(*steps: Step) -> Program:
    return Program(members=2, strangers=0, channels=1, steps=steps)


FOUND: Final[list[tuple[str, str, dict[str, Any], str, list[int]]]] = [
    ("message-looser", "create_message", PLACE, "message_bytes", [1]),
    ("name-tighter", "update_guild", {"guild_id": "$g"}, "guild_name_bytes", [0]),
    ("page-looser", "history", PLACE, "history_page", [1]),
    ("page-tighter", "list_members", {"guild_id": "$g"}, "members_page", [-1, 0]),
    ("files-looser", "create_message", {**PLACE, "content": "~x"}, "attachments_per_message", [1]),
    ("upload-looser", "upload_avatar", {"content_type": PNG}, "avatar_bytes", [1]),
    ("password-tighter", "register", {"username": "~x"}, "password_bytes", [-1, 0]),
    ("query-cut", "list_public_guilds", {}, "directory_query_bytes", [1]),
    ("filename-cut", "upload_attachment", FILE, "filename_bytes", [1]),
]


@pytest.mark.parametrize(("defect", "do", "args", "limit", "over"), FOUND)
def test_what_keeps_to_another_limit_is_found(
    defect: str, do: str, args: dict[str, Any], limit: str, over: list[int]
) -> None:
    program = _program(*(_step(do, args, limit, one) for one in over))
    found = red(play(program, 1, Ground(defect=defect), sweeps=False).results[0])
    named = [one.message for one in found if (one.judge, one.requirement) == ("limits", "LIMIT-4")]
    assert [message.partition(" ")[0] for message in named] == [limit]


def test_the_clean_server_keeps_to_all_of_them_and_to_others() -> None:
    steps = [
        *(_step(do, args, limit, one) for _, do, args, limit, over in FOUND for one in over),
        _step("register", {"password": "~x"}, "username_bytes", 0),
        _step("look_up_users", {}, "lookup_users", 0),
        _step("create_role", {"guild_id": "$g", "permissions": []}, "role_name_bytes", 0),
        _step("update_channel", PLACE, "channel_name_bytes", 1),
    ]
    assert play(_program(*steps), 1, Ground(), sweeps=False).results[0].verdict is Verdict.PASS


def test_who_may_not_make_what_a_list_takes_is_refused_once() -> None:
    args = {**PLACE, "content": "~x", "attachment_ids": at("attachments_per_message")}
    step = Step(by="s0", do="create_message", args=args)
    program = Program(members=2, strangers=1, channels=1, steps=(step,))
    lines: list[bytes] = []
    finished = play(program, 1, Ground(), sweeps=False, write=lines.append)
    assert finished.results[0].verdict is Verdict.PASS
    assert b"".join(lines).count(b'"upload_attachment"') == 1
