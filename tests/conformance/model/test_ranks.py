"""What may be asked of roles, overrides and memberships, worked out by hand from contract 2.4 and 8.3."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.families import rule_of
from sync_check.conformance.model.transitions import RULES, Effect, Expectation, Situation
from sync_check.conformance.model.world import SEEDS, Channel, Guild, Override, Person, Role, World
from tests.conformance.histories import ulid, user

G, C, D, HIDDEN = ulid(1), ulid(2), ulid(3), ulid(4)
LOW, HIGH = ulid(10), ulid(11)
OLGA, MONA, MAX, BEN, HAL, EVE = (user(name) for name in ("olga", "mona", "max", "ben", "hal", "eve"))
IDS = {name: ulid(20 + number) for number, name in enumerate(SEEDS)}
SEED_ROLES = {key: replace(role, role_id=IDS[key]) for key, role in SEEDS.items()}


def _role(role_id: str, position: int, *permissions: str) -> Role:
    granted = SEEDS["workspace_owner"].permissions & set(permissions)
    return Role(key=role_id, role_id=role_id, name=role_id, position=position, permissions=granted)


GUILD = Guild(
    guild_id=G,
    name="room",
    visibility="public",
    members={OLGA: "owner", MONA: "moderator", MAX: "moderator", BEN: "member", HAL: "member"},
    roles={
        **SEED_ROLES,
        LOW: _role(LOW, 5, "delete_message"),
        HIGH: _role(HIGH, 200, "ban_member", "manage_workspace_roles", "manage_member_roles"),
    },
    assigned={HAL: frozenset({HIGH})},
    channels={one: Channel(channel_id=one, name="x", kind="text") for one in (C, D, HIDDEN)},
    overrides={HIDDEN: {"@everyone": Override(deny=frozenset({"create_message"}))}},
)
PEOPLE = {one: Person(user_id=one, username=one) for one in (OLGA, MONA, MAX, BEN, HAL, EVE)}
WORLD = World(guilds={G: GUILD}, people=PEOPLE)


def _expect(operation: ops.Operation, actor: str, world: World = WORLD) -> Expectation:
    rule = rule_of(operation.name)
    assert rule is not None
    return rule.expect(Situation(world=world, actor=actor), operation)


def _both(expected: Expectation) -> tuple[set[int], set[int]]:
    return set(expected.statuses), set(expected.tolerated)


def _effect(
    operation: ops.Operation, actor: str, answer: WireModel | None = None, *beside: ops.Operation
) -> Effect:
    effect: Effect = RULES[type(operation)].effect(
        Situation(world=WORLD, actor=actor, answer=answer, beside=tuple((actor, one) for one in beside)),
        operation,
    )
    return effect


def _after(effect: Effect) -> Guild:
    assert effect.world is not None
    return effect.world.guilds[G]


def _told(effect: Effect) -> list[tuple[str, Standing]]:
    return [(emission.name, emission.standing) for emission in effect.emissions]


@pytest.mark.parametrize(
    ("actor", "target", "status", "tolerated"),
    [
        (OLGA, MONA, 200, None),
        (MONA, BEN, 200, None),
        (MONA, MAX, 403, None),  # equal in both
        (MONA, OLGA, 403, None),
        (BEN, HAL, 403, None),  # no ban_member
        (HAL, BEN, 200, 403),  # equal rank, higher position: position decides (SHOULD)
        (HAL, MONA, 200, 403),  # lower rank, higher position
        (MONA, HAL, 403, 200),  # higher rank, lower position
        (EVE, BEN, 403, None),
    ],
)
@pytest.mark.parametrize("kind", [ops.KickMember, ops.BanMember])
def test_who_may_remove_whom(
    kind: type[ops.KickMember | ops.BanMember], actor: str, target: str, status: int, tolerated: int | None
) -> None:
    expected = _expect(kind(guild_id=G, user_id=target), actor)
    assert expected.statuses == {status}
    assert expected.tolerated == (frozenset() if tolerated is None else {tolerated})


@pytest.mark.parametrize(
    ("actor", "role_id", "target", "statuses"),
    [
        (OLGA, LOW, BEN, {200}),
        (MONA, LOW, BEN, {200}),
        (MONA, HIGH, BEN, {403}),  # ROLE-1
        (MONA, IDS["moderator"], BEN, {403}),  # at the own position
        (OLGA, IDS["moderator"], BEN, {200}),
        (OLGA, IDS["workspace_owner"], BEN, {403}),
        (OLGA, IDS["@everyone"], BEN, {400}),
        (OLGA, ulid(99), BEN, {404}),
        (OLGA, LOW, EVE, {404}),
        (BEN, LOW, BEN, {403}),
        (EVE, LOW, BEN, {403}),
    ],
)
def test_who_may_assign_what(actor: str, role_id: str, target: str, statuses: set[int]) -> None:
    operation = ops.AssignRole(guild_id=G, role_id=role_id, user_id=target)
    assert _expect(operation, actor).statuses == statuses


def test_assigning_to_somebody_who_is_not_below_should_be_refused() -> None:
    operation = ops.AssignRole(guild_id=G, role_id=LOW, user_id=HAL)
    expected = _expect(operation, MONA)
    assert _both(expected) == ({403}, {200})
    assert expected.requirement == "PERM-ESC-3"


def test_assigning_the_moderator_seed_makes_a_moderator() -> None:
    effect = _effect(ops.AssignRole(guild_id=G, role_id=IDS["moderator"], user_id=BEN), OLGA)
    assert _after(effect).members[BEN] == "moderator"
    assert _told(effect) == [
        ("workspace_role_assignment_add", Standing.DUE),
        ("workspace_member_update", Standing.DUE),
    ]
    assert effect.emissions[1].owed_by == "MEM-12"
    back = ops.UnassignRole(guild_id=G, role_id=IDS["moderator"], user_id=MONA)
    assert _after(_effect(back, OLGA)).members[MONA] == "member"


def test_assigning_a_held_role_says_nothing() -> None:
    for role_id, target in ((HIGH, HAL), (IDS["member"], BEN)):
        effect = _effect(ops.AssignRole(guild_id=G, role_id=role_id, user_id=target), OLGA)
        assert effect.world is WORLD
        assert _told(effect) == [("workspace_role_assignment_add", Standing.NO_OP)]


def test_deleting_a_role_takes_it_from_its_holders_and_channels() -> None:
    effect = _effect(ops.DeleteRole(guild_id=G, role_id=HIGH), OLGA)
    after = _after(effect)
    assert HIGH not in after.roles
    assert after.assigned[HAL] == frozenset()
    assert _told(effect) == [("workspace_role_delete", Standing.DUE)]
    assert _expect(ops.DeleteRole(guild_id=G, role_id=IDS["@everyone"]), OLGA).statuses == {403}
    assert _expect(ops.DeleteRole(guild_id=G, role_id=IDS["member"]), OLGA).statuses == {200, 403}


def test_an_override_takes_access_and_gives_it_back() -> None:
    shut = ops.OverrideRole(guild_id=G, channel_id=C, role="member", allow=[], deny=["create_message"])
    after = _after(_effect(shut, OLGA))
    assert not may_access(after, C, BEN)
    assert may_access(after, C, MONA)
    assert may_access(after, D, BEN)
    assert [emission.name for emission in _effect(shut, OLGA).emissions] == [
        "workspace_channel_role_override_update",
        "workspace_channel_override_update",
    ]


@pytest.mark.parametrize(
    ("allow", "deny", "actor", "statuses", "tolerated"),
    [
        (["create_message"], ["create_message"], OLGA, {400}, set()),
        (["fly"], [], OLGA, {422}, set()),
        (["publish_video"], [], MONA, {200}, set()),
        (["manage_roles"], [], MONA, {403}, {200}),  # PERM-ESC-2
        ([], ["create_message"], BEN, {403}, set()),
    ],
)
def test_what_may_be_written_into_an_override(
    allow: list[str], deny: list[str], actor: str, statuses: set[int], tolerated: set[int]
) -> None:
    operation = ops.OverridePermission(
        guild_id=G, channel_id=C, target_kind="member", target_id=BEN, allow=allow, deny=deny
    )
    expected = _expect(operation, actor)
    assert _both(expected) == (statuses, tolerated)


def test_an_override_of_nobody_should_be_refused() -> None:
    operation = ops.OverridePermission(
        guild_id=G, channel_id=C, target_kind="member", target_id=EVE, allow=[], deny=[]
    )
    expected = _expect(operation, OLGA)
    assert (_both(expected), expected.requirement) == (({404}, {200}), "OVR-6")


def test_both_forms_write_one_override() -> None:
    by_role = ops.OverrideRole(guild_id=G, channel_id=C, role="moderator", allow=[], deny=["ban_member"])
    by_id = ops.OverridePermission(
        guild_id=G,
        channel_id=C,
        target_kind="role",
        target_id=IDS["moderator"],
        allow=[],
        deny=["ban_member"],
    )
    assert _after(_effect(by_role, OLGA)).overrides == _after(_effect(by_id, OLGA)).overrides


def test_a_reorder_lists_for_each_receiver_what_that_one_may_see() -> None:
    effect = _effect(ops.ReorderChannels(guild_id=G, channel_ids=[HIDDEN, D]), OLGA)
    assert list(_after(effect).channels) == [HIDDEN, D, C]
    (emission,) = effect.emissions
    assert emission.personal is not None
    assert emission.personal(OLGA) == {"channel_ids": [HIDDEN, D, C]}
    assert emission.personal(BEN) == {"channel_ids": [D, C]}


@pytest.mark.parametrize(
    "other",
    [
        ops.CreateChannel(guild_id=G, channel_name="new"),
        ops.DeleteChannel(guild_id=G, channel_id=C),
        ops.UnassignRole(guild_id=G, role_id=IDS["moderator"], user_id=MONA),
    ],
)
def test_what_may_have_changed_a_list_at_the_same_time_is_not_claimed_of_a_reorder(
    other: ops.Operation,
) -> None:
    operation = ops.ReorderChannels(guild_id=G, channel_ids=[HIDDEN, D])
    (emission,) = _effect(operation, OLGA, None, other).emissions
    # It may still differ from receiver to receiver (CHAN-7).
    assert emission.personal is not None
    assert emission.personal(OLGA) == {}
    elsewhere = other.model_copy(update={"guild_id": ulid(77)})
    (emission,) = _effect(operation, OLGA, None, elsewhere).emissions
    assert emission.personal is not None
    assert emission.personal(OLGA) == {"channel_ids": [HIDDEN, D, C]}


@pytest.mark.parametrize(
    ("channel_ids", "actor", "statuses"),
    [
        ([D, C], MONA, {200}),
        ([D, D], MONA, {400}),
        ([HIDDEN], MONA, {400}),
        ([HIDDEN], OLGA, {200}),
        ([ulid(99)], MONA, {400}),
        ([], MONA, {400}),
        ([D], BEN, {403}),
    ],
)
def test_what_may_be_reordered(channel_ids: list[str], actor: str, statuses: set[int]) -> None:
    assert _expect(ops.ReorderChannels(guild_id=G, channel_ids=channel_ids), actor).statuses == statuses


def test_a_ban_is_told_before_the_removal_and_bars_the_way_back() -> None:
    effect = _effect(ops.BanMember(guild_id=G, user_id=BEN), OLGA)
    assert _told(effect) == [
        ("workspace_member_ban", Standing.DUE),
        ("workspace_member_remove", Standing.DUE),
    ]
    assert effect.world is not None
    assert BEN not in _after(effect).members
    assert _expect(ops.JoinGuild(guild_id=G), BEN, effect.world).statuses == {403}
    assert _expect(ops.AddMember(guild_id=G, user_id=BEN), OLGA, effect.world).statuses == {403}
    lifted = _expect(ops.LiftBan(guild_id=G, user_id=BEN), OLGA, effect.world)
    assert lifted.statuses == {200}
    assert _expect(ops.LiftBan(guild_id=G, user_id=BEN), OLGA).statuses == {404}


def test_a_ban_of_a_stranger_reaches_members_only_and_removes_nobody() -> None:
    effect = _effect(ops.BanMember(guild_id=G, user_id=EVE), OLGA)
    (emission,) = effect.emissions
    assert (emission.name, emission.owed_by, emission.subject) == ("workspace_member_ban", "MEM-8", None)
    assert not emission.ends_membership


def test_the_last_owner_cannot_leave_and_others_can() -> None:
    leave = ops.LeaveGuild(guild_id=G)
    assert _expect(leave, OLGA).statuses == {403}
    assert _expect(leave, BEN).statuses == {200}
    assert _expect(leave, EVE).statuses == {403}
    two = WORLD.with_guild(replace(GUILD, members={**GUILD.members, BEN: "owner"}))
    assert _expect(leave, OLGA, two).statuses == {200}


def test_a_joiner_gets_the_default_role() -> None:
    world = WORLD.with_guild(replace(GUILD, default_role=LOW))
    operation = ops.JoinGuild(guild_id=G)
    effect: Effect = RULES[ops.JoinGuild].effect(Situation(world=world, actor=EVE), operation)
    assert _after(effect).assigned[EVE] == {LOW}
    assert effect.emissions[1].owed_by == "JOIN-4"


def test_seed_roles_are_unknown_until_they_are_listed() -> None:
    fresh = replace(GUILD, roles=dict(SEEDS))
    world = World(guilds={G: fresh}, people=PEOPLE)
    assign = ops.AssignRole(guild_id=G, role_id=IDS["moderator"], user_id=BEN)
    assert _expect(assign, OLGA, world).statuses == {200, 400, 403, 404, 409}
    listed = shapes.RoleList(
        roles=[
            shapes.Role(
                role_id=IDS[key],
                name=role.name,
                position=role.position,
                is_system=role.is_system,
                permissions=sorted(role.permissions),
                color_hex=None,
            )
            for key, role in SEEDS.items()
        ],
        default_join_role_id=None,
    )
    situation = Situation(world=world, actor=BEN, answer=listed)
    effect: Effect = RULES[ops.ListRoles].effect(situation, ops.ListRoles(guild_id=G))
    assert _after(effect).knows_roles
    assert effect.world is not None
    assert _expect(assign, OLGA, effect.world).statuses == {200}
