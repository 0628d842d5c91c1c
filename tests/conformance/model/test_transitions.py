"""Operations in the model: what they change and what they make the gateway say."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.families import rule_of
from sync_check.conformance.model.transitions import RULES, Effect, Situation
from sync_check.conformance.model.world import Channel, Guild, Message, Person, World
from sync_check.harness.target import DRIVEN_FEATURES
from tests.conformance.histories import NOW, ulid, user

G, C, M = ulid(1), ulid(2), ulid(3)
ANA, BEN, EVE = user("ana"), user("ben"), user("eve")
WORLD = (
    World()
    .with_guild(
        Guild(
            guild_id=G,
            name="room",
            visibility="private",
            members={ANA: "owner", BEN: "member"},
            channels={C: Channel(channel_id=C, name="general", kind="text")},
        )
    )
    .with_messages(C, {M: Message(message_id=M, author_id=BEN, content="hi", created_at_unix=NOW)})
    .with_person(Person(user_id=BEN, username="ben", about_markdown="", avatar_version=0, banner_version=0))
)


def _effect(
    operation: ops.Operation,
    actor: str = ANA,
    standing: Standing = Standing.DUE,
    answer: WireModel | None = None,
) -> Effect:
    situation = Situation(world=WORLD, actor=actor, standing=standing, answer=answer)
    effect: Effect = RULES[type(operation)].effect(situation, operation)
    return effect


def test_every_operation_of_a_driven_feature_has_a_rule() -> None:
    driven = {operation for operation in OPERATIONS.values() if operation.feature in (None, *DRIVEN_FEATURES)}
    assert driven - set(RULES) <= {ops.LookUpUsers, ops.ReadMetrics, ops.ListPublicGuilds}
    assert set(RULES) < set(OPERATIONS.values())


def test_an_operation_without_a_rule_is_unknown_to_the_model() -> None:
    assert rule_of("read_metrics") is None
    assert rule_of("no_such_operation") is None


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
@pytest.mark.parametrize(
    "operation",
    [
        ops.CreateMessage(guild_id=G, channel_id=C, content="x"),
        ops.EditMessage(guild_id=G, channel_id=C, message_id=M, content="x"),
        ops.DeleteMessage(guild_id=G, channel_id=C, message_id=M),
        ops.UpdateGuild(guild_id=G, guild_name="x"),
        ops.CreateChannel(guild_id=G, channel_name="x"),
        ops.AddMember(guild_id=G, user_id=EVE),
        ops.ChangeMemberRole(guild_id=G, user_id=BEN, role="moderator"),
        ops.KickMember(guild_id=G, user_id=BEN),
    ],
)
def test_what_did_not_surely_happen_changes_nothing(operation: ops.Operation, standing: Standing) -> None:
    effect = _effect(operation, standing=standing)
    assert effect.world is WORLD
    assert effect.touched == ()
    # Its event is known all the same, so that a frame can be recognised.
    assert [emission.standing for emission in effect.emissions] == [standing]


def test_an_edit_keeps_author_and_time() -> None:
    effect = _effect(ops.EditMessage(guild_id=G, channel_id=C, message_id=M, content="new"), actor=BEN)
    assert effect.world is not None
    assert effect.world.messages_of(C)[M] == Message(
        message_id=M, author_id=BEN, content="new", created_at_unix=NOW
    )
    assert WORLD.messages_of(C)[M].content == "hi"
    assert effect.world.guilds is WORLD.guilds


@pytest.mark.parametrize(
    "operation",
    [
        ops.EditMessage(guild_id=G, channel_id=C, message_id=M, content="hi"),
        ops.UpdateGuild(guild_id=G, guild_name="room", visibility="private"),
        ops.AddMember(guild_id=G, user_id=BEN),
        ops.ChangeMemberRole(guild_id=G, user_id=BEN, role="member"),
    ],
)
def test_what_changes_nothing_is_a_no_op(operation: ops.Operation) -> None:
    effect = _effect(operation)
    assert effect.world is WORLD
    assert [emission.standing for emission in effect.emissions] == [Standing.NO_OP]


def test_only_changed_fields_are_told() -> None:
    effect = _effect(ops.UpdateGuild(guild_id=G, guild_name="room", visibility="public"))
    assert effect.emissions[0].updated == {"visibility": "public"}


def test_a_kick_ends_the_membership() -> None:
    effect = _effect(ops.KickMember(guild_id=G, user_id=BEN))
    assert effect.world is not None
    assert effect.world.guilds[G].members == {ANA: "owner"}
    (emission,) = effect.emissions
    assert (emission.ends_membership, emission.subject) == (True, BEN)


@pytest.mark.parametrize(
    "operation",
    [
        ops.CreateGuild(guild_name="x"),
        ops.CreateChannel(guild_id=G, channel_name="x"),
        ops.CreateMessage(guild_id=G, channel_id=C, content="x"),
        ops.EditMessage(guild_id=G, channel_id=C, message_id=ulid(9), content="x"),
        ops.KickMember(guild_id=G, user_id=EVE),
        ops.UpdateGuild(guild_id=ulid(9), guild_name="x"),
    ],
)
def test_an_accepted_operation_without_a_usable_answer_leaves_the_state_unknown(
    operation: ops.Operation,
) -> None:
    assert _effect(operation).world is None


def test_a_profile_update_of_unknown_outcome_has_to_be_learnt_again() -> None:
    effect = _effect(ops.UpdateProfile(about_markdown="x"), actor=BEN, standing=Standing.OPTIONAL)
    assert effect.world is not None
    assert not effect.world.people[BEN].is_known
    told = shapes.Profile(
        user_id=BEN,
        username="ben",
        about_markdown="x",
        about_markdown_tokens=[],
        avatar_version=1,
        banner_version=0,
    )
    situation = Situation(world=effect.world, actor=BEN, answer=told)
    learnt = RULES[ops.OwnProfile].effect(situation, ops.OwnProfile())
    assert learnt.world is not None
    assert learnt.world.people[BEN].about_markdown == "x"


@pytest.mark.parametrize(
    ("username", "password", "status"),
    [
        ("new", "p" * 12, 200),
        ("new", "p" * 128, 200),
        ("new", "p" * 11, 400),
        ("new", "p" * 129, 400),
        ("new", "⟦secret:password:ana:1⟧", 200),
        ("new", "p" * 116 + "⟦secret:password:ana:1⟧", 200),
        ("new", "p" * 117 + "⟦secret:password:ana:1⟧", 400),
        ("ab", "p" * 12, 400),
    ],
)
def test_names_and_passwords_have_their_lengths(username: str, password: str, status: int) -> None:
    situation = Situation(world=World(), actor=None)
    register = ops.Register(username=username, password=password)
    assert RULES[ops.Register].expect(situation, register).statuses == {status}


def test_a_taken_name_registers_nobody() -> None:
    first = _effect(ops.Register(username="new", password="one"))
    assert first.world is not None
    again = Situation(world=first.world, actor=None)
    effect = RULES[ops.Register].effect(again, ops.Register(username="new", password="two"))
    assert effect.world is first.world


def test_a_renamed_user_logs_in_under_the_new_name() -> None:
    registered = _effect(ops.Register(username="ben", password="pw")).world
    assert registered is not None
    situation = Situation(world=registered, actor=BEN)
    renamed = RULES[ops.UpdateProfile].effect(situation, ops.UpdateProfile(username="benno")).world
    assert renamed is not None
    assert renamed.passwords == {"benno": "pw"}


@pytest.mark.parametrize(
    ("actor", "operation", "statuses"),
    [
        (ANA, ops.ListChannels(guild_id="x"), {400, 403, 404}),
        (ANA, ops.ListChannels(guild_id=ulid(9)), {403, 404}),
        (EVE, ops.OwnPermissions(guild_id=G, channel_id=C), {403}),
        (BEN, ops.OwnPermissions(guild_id=G, channel_id=ulid(9)), {404}),
        (BEN, ops.OwnPermissions(guild_id=G, channel_id="x"), {400, 404}),
        (EVE, ops.EditMessage(guild_id=G, channel_id=C, message_id=M, content="x"), {403}),
        (BEN, ops.DeleteMessage(guild_id=G, channel_id=C, message_id=ulid(9)), {404}),
        (BEN, ops.AddMember(guild_id=G, user_id=EVE), {403, 404}),
        (ANA, ops.AddMember(guild_id=G, user_id=BEN), {200}),
        (ANA, ops.AddMember(guild_id=G, user_id="x"), {400, 404}),
        (EVE, ops.KickMember(guild_id=G, user_id=BEN), {403}),
        (BEN, ops.KickMember(guild_id=G, user_id=EVE), {403, 404}),
        (ANA, ops.ChangeMemberRole(guild_id=G, user_id=BEN, role="owner"), {403}),
        (ANA, ops.ReadProfile(user_id="x"), {400, 404}),
        (ANA, ops.ReadProfile(user_id=EVE), {200, 404}),
        (ANA, ops.Logout(refresh_token="t"), {204, 401}),
    ],
)
def test_statuses_that_may_come(actor: str, operation: ops.Operation, statuses: set[int]) -> None:
    situation = Situation(world=WORLD, actor=actor)
    assert RULES[type(operation)].expect(situation, operation).statuses == statuses


@pytest.mark.parametrize(("most", "status"), [(4, 403), (5, 403), (6, 200)])
def test_nobody_makes_more_guilds_than_the_target_declares(most: int, status: int) -> None:
    world = World()
    for number in range(5):
        guild = Guild(guild_id=ulid(number), name="x", visibility="private", members={ANA: "owner"})
        world = world.with_guild(guild)
    situation = Situation(world=world, actor=ANA, limits=Limits(guilds_per_user=most))
    assert RULES[ops.CreateGuild].expect(situation, ops.CreateGuild(guild_name="x")).statuses == {status}
