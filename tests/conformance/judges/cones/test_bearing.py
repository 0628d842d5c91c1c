"""Which operations bear on a subject: on who may hear of it, or on what there is to hear; no others."""

import json
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Outcome, Purpose
from sync_check.conformance.judges.cones.bearing import Bearing
from sync_check.conformance.judges.cones.subject import Subject, ids_in
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.world import World
from tests.conformance.histories import ulid, user

GUILD, CHANNEL, MESSAGE, ROLE, REQUEST = map(ulid, range(1, 6))
OTHER = ulid(9)
IN: dict[str, Any] = {"guild_id": GUILD, "channel_id": CHANNEL}
BEN, EVE = user("ben"), user("eve")


def call(
    operation: ops.Operation,
    *,
    actor: str = "ana",
    body: Any = None,
    outcome: Outcome = Outcome.OK,
    purpose: Purpose = Purpose.SCENARIO,
) -> Call:
    return Call(
        op=1,
        name=operation.name,
        client=actor,
        session=1,
        purpose=purpose,
        scenario=0,
        invoked=10,
        invoked_at=10,
        operation=operation,
        arguments=operation.model_dump(mode="json", exclude_none=True),
        actor=user(actor),
        acknowledged=11,
        outcome=outcome,
        body=None if body is None else json.dumps(body),
    )


def bears(subject: Subject, one: Call, *others: Call, until: int = 20) -> bool:
    return one in Bearing(subject, [*others, one], World()).calls(until)


A_MESSAGE = Subject.of([ids_in({**IN, "message_id": MESSAGE})], users=[BEN])
A_MEMBER = Subject.of([ids_in({"guild_id": GUILD, "user_id": BEN})], users=[EVE])
THE_GUILD = Subject.of([ids_in({"guild_id": GUILD})], users=[BEN])
A_PROFILE = Subject.of([ids_in({"user_id": BEN})], users=[EVE])


@pytest.mark.parametrize(
    "one",
    [
        call(ops.CreateGuild(guild_name="x"), body={"guild_id": GUILD}),
        call(ops.CreateChannel(guild_id=GUILD, channel_name="x"), body={"channel_id": CHANNEL}),
        call(ops.AddMember(guild_id=GUILD, user_id=BEN)),
        call(ops.KickMember(guild_id=GUILD, user_id=BEN)),
        call(ops.ChangeMemberRole(guild_id=GUILD, user_id=BEN, role="moderator")),
        call(ops.JoinGuild(guild_id=GUILD), actor="ben"),
        call(ops.LeaveGuild(guild_id=GUILD), actor="ben"),
        call(ops.OverrideRole(**IN, role="member", allow=[], deny=["create_message"])),
        call(
            ops.OverridePermission(
                **IN, target_kind="member", target_id=BEN, allow=[], deny=["create_message"]
            )
        ),
        call(ops.CreateMessage(**IN, content="x"), body={"message_id": MESSAGE}),
        call(ops.EditMessage(**IN, message_id=MESSAGE, content="x")),
        call(ops.EditMessage(**IN, message_id=MESSAGE, content="x"), outcome=Outcome.UNKNOWN),
        call(ops.AddReaction(**IN, message_id=MESSAGE, emoji="x")),
    ],
    ids=lambda one: one.name,
)
def test_on_a_message_and_who_may_read_it(one: Call) -> None:
    assert bears(A_MESSAGE, one)


@pytest.mark.parametrize(
    "one",
    [
        call(ops.CreateGuild(guild_name="x"), body={"guild_id": OTHER}),
        call(ops.CreateGuild(guild_name="x"), body="nothing of use"),
        call(ops.CreateChannel(guild_id=GUILD, channel_name="x"), body={"channel_id": OTHER}),
        call(ops.UpdateGuild(guild_id=GUILD, guild_name="y")),
        call(ops.UpdateChannel(**IN, channel_name="y")),
        call(ops.AddMember(guild_id=GUILD, user_id=EVE)),
        call(ops.AddMember(guild_id=OTHER, user_id=BEN)),
        call(ops.JoinGuild(guild_id=GUILD), actor="eve"),
        call(
            ops.OverridePermission(
                **IN, target_kind="member", target_id=EVE, allow=[], deny=["create_message"]
            )
        ),
        call(ops.OverrideRole(guild_id=GUILD, channel_id=OTHER, role="member", allow=[], deny=[])),
        call(ops.CreateMessage(**IN, content="x"), body={"message_id": OTHER}),
        call(ops.EditMessage(**IN, message_id=OTHER, content="x")),
        call(ops.UpdateProfile(about_markdown="x"), actor="ben"),
        call(ops.ReadProfile(user_id=BEN)),
        call(ops.EditMessage(**IN, message_id=MESSAGE, content="x"), outcome=Outcome.FAIL),
        call(ops.CreateMessage(**IN, content="x"), body={"message_id": MESSAGE}, purpose=Purpose.FENCE),
        call(ops.AssignRole(guild_id=GUILD, role_id=ROLE, user_id=EVE)),
        call(ops.UpdateRole(guild_id=GUILD, role_id=ROLE, role_name="y")),
    ],
    ids=lambda one: one.name,
)
def test_nothing_else_on_a_message(one: Call) -> None:
    assert not bears(A_MESSAGE, one)


def test_nothing_that_was_sent_later() -> None:
    edit = call(ops.EditMessage(**IN, message_id=MESSAGE, content="x"))
    assert bears(A_MESSAGE, edit, until=11)
    assert not bears(A_MESSAGE, edit, until=10)


def test_a_role_bears_on_what_its_holder_hears() -> None:
    update = call(ops.UpdateRole(guild_id=GUILD, role_id=ROLE, permissions=[]))
    assign = call(ops.AssignRole(guild_id=GUILD, role_id=ROLE, user_id=BEN))
    assert bears(A_MESSAGE, assign)
    assert bears(A_MESSAGE, update, assign)
    assert not bears(A_MESSAGE, update, call(ops.AssignRole(guild_id=OTHER, role_id=OTHER, user_id=BEN)))


def test_a_name_bears_on_what_tells_of_names() -> None:
    rename = call(ops.UpdateGuild(guild_id=GUILD, guild_name="y"))
    assert bears(THE_GUILD, rename)
    assert not bears(A_MEMBER, rename)


def test_friendship_bears_on_what_is_of_users() -> None:
    asked = call(ops.RequestFriend(recipient_user_id=EVE), actor="ben", body={"request_id": REQUEST})
    accepted = call(ops.AcceptFriend(request_id=REQUEST), actor="eve")
    others = call(ops.RequestFriend(recipient_user_id=EVE), actor="ana", body={"request_id": OTHER})
    assert bears(A_PROFILE, asked)
    assert bears(A_PROFILE, accepted, asked)
    assert not bears(A_PROFILE, others)
    assert not bears(A_PROFILE, call(ops.AcceptFriend(request_id=OTHER), actor="eve"), others)
    assert not bears(A_MEMBER, asked)
    assert bears(A_PROFILE, call(ops.UpdateProfile(about_markdown="x"), actor="ben"))


def test_what_a_user_does_elsewhere_does_not_bear_on_what_is_here() -> None:
    voice = Subject.of([ids_in({**IN, "user_id": BEN})], users=[EVE])
    assert bears(voice, call(ops.LeaveVoice(**IN), actor="ben"))
    assert not bears(voice, call(ops.LeaveVoice(**IN), actor="ana"))
    assert not bears(voice, call(ops.LeaveVoice(guild_id=OTHER, channel_id=CHANNEL), actor="ben"))
    assert not bears(voice, call(ops.LeaveVoice(guild_id=GUILD, channel_id=OTHER), actor="ben"))
