"""IP bans in the model: who may make them, what they cover, how long, and what they shut out from."""

from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.shapes import CreatedIpBans
from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.model.address_bans import IpBans, Observed, ShutOut, shut_out
from sync_check.conformance.model.addresses import Address, parsed_address
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.ip_bans import SHUTTING_OUT, observing, with_ip_bans
from sync_check.conformance.model.transitions import RULES, Effect, Expectation, Situation, expected
from sync_check.conformance.model.world import Channel, Guild, Person, World
from tests.conformance.histories import ulid

G, C, BAN, OTHER = ulid(1), ulid(2), ulid(3), ulid(4)
ANA, MOD, BEN, EVE = (ulid(number) for number in (11, 12, 13, 14))
SECOND = 1_000_000


def _address(text: str) -> Address:
    address = parsed_address(text)
    assert address is not None
    return address


HERE, THERE = _address("192.0.2.1"), _address("2001:db8::2")
ROLES: dict[str, LegacyRole] = {ANA: "owner", MOD: "moderator", BEN: "member"}


def _bans(**details: Any) -> IpBans:
    known: dict[str, Any] = {"source_id": BEN, "ban_ids": frozenset({BAN}), "addresses": frozenset({HERE})}
    return IpBans(**{**known, "asked_at": 10 * SECOND, "answered_at": 11 * SECOND, **details})


def _world(*bans: IpBans, observed: Observed | None = None) -> World:
    guild = Guild(
        guild_id=G,
        name="room",
        visibility="public",
        members=ROLES,
        channels={C: Channel(channel_id=C, name="general", kind="text")},
        ip_bans=bans,
    )
    people = {user: Person(user_id=user, username=user) for user in (ANA, MOD, BEN, EVE)}
    seen = observed or Observed(surely=frozenset({HERE}))
    return World(people=people, guilds={G: guild}, observed={G: {BEN: seen}})


def _situation(world: World, actor: str = ANA, **details: Any) -> Situation:
    known = {"asked_at": 20 * SECOND, "answered_at": 20 * SECOND}
    return Situation(world=world, actor=actor, **{**known, **details})


def _ban(target: str = BEN, **details: Any) -> ops.BanAddressesOf:
    return ops.BanAddressesOf(guild_id=G, target_user_id=target, **details)


def _expect(operation: ops.Operation, world: World, actor: str = ANA, **details: Any) -> Expectation:
    return RULES[type(operation)].expect(_situation(world, actor, **details), operation)


def _effect(operation: ops.Operation, world: World, *ids: str, **details: Any) -> Effect:
    answer = CreatedIpBans(created_count=len(ids), ban_ids=list(ids))
    situation = _situation(world, **{"answer": answer, **details})
    return RULES[type(operation)].effect(situation, operation)


# --- how long, and for whom


@pytest.mark.parametrize(
    ("bans", "address", "standing"),
    [
        (_bans(), HERE, ShutOut.SURELY),
        (_bans(), THERE, ShutOut.NO),
        (_bans(), None, ShutOut.PERHAPS),
        (_bans(addresses=frozenset({None})), THERE, ShutOut.PERHAPS),
        (_bans(addresses=frozenset(), perhaps=frozenset({HERE})), HERE, ShutOut.PERHAPS),
        (_bans(whole=False), HERE, ShutOut.PERHAPS),
        (_bans(doubted=True), HERE, ShutOut.PERHAPS),
        (_bans(ban_ids=frozenset()), HERE, ShutOut.NO),
    ],
)
def test_whom_a_ban_shuts_out(bans: IpBans, address: Address | None, standing: ShutOut) -> None:
    assert shut_out([bans], address, 20 * SECOND, 20 * SECOND) is standing


@pytest.mark.parametrize(
    ("start", "end", "standing"),
    [
        (12.0, 13.9, ShutOut.SURELY),
        (12.0, 14.0, ShutOut.PERHAPS),  # a server that counts whole seconds may be one early
        (17.0, 17.0, ShutOut.PERHAPS),
        (17.1, 18.0, ShutOut.NO),
    ],
)
def test_when_a_limited_ban_ends(start: float, end: float, standing: ShutOut) -> None:
    bans = _bans(expires_in_secs=5)
    assert shut_out([bans], HERE, round(start * SECOND), round(end * SECOND)) is standing


def test_of_several_bans_the_strongest_counts() -> None:
    both = [_bans(doubted=True), _bans(ban_ids=frozenset({OTHER}))]
    assert shut_out(both, HERE, 20 * SECOND, 20 * SECOND) is ShutOut.SURELY


# --- what shows an address


@pytest.mark.parametrize(
    ("standing", "seen"),
    [
        (Standing.DUE, Observed(surely=frozenset({THERE}))),
        (Standing.REFUSED, Observed(perhaps=frozenset({THERE}))),
        (Standing.OPTIONAL, Observed(perhaps=frozenset({THERE}))),
    ],
)
def test_a_call_of_join_shows_where_it_comes_from(standing: Standing, seen: Observed) -> None:
    situation = _situation(_world(), EVE, standing=standing, address=THERE)
    assert observing(situation, ops.JoinGuild(guild_id=G)).observed_of(G, EVE) == seen


def test_a_sure_address_stays_sure_and_is_kept_once() -> None:
    world = _world()
    again = _situation(world, BEN, standing=Standing.REFUSED, address=HERE)
    assert observing(again, ops.JoinGuild(guild_id=G)) is world
    elsewhere = observing(_situation(world, BEN, address=None), ops.JoinGuild(guild_id=G))
    assert elsewhere.observed_of(G, BEN).surely == {HERE, None}


@pytest.mark.parametrize("operation", [ops.JoinGuild(guild_id=OTHER), ops.ListGuilds()])
def test_nothing_else_shows_it(operation: ops.Operation) -> None:
    world = _world()
    assert observing(_situation(world, BEN, address=THERE), operation) is world


# --- making one


@pytest.mark.parametrize(
    ("operation", "actor", "statuses", "requirement"),
    [
        (_ban(), ANA, {200}, "IPBAN-1"),
        (_ban(), MOD, {200}, "IPBAN-1"),
        (_ban(), BEN, {403}, "REST-6"),
        (_ban(), EVE, {403}, "REST-5"),
        (_ban(ANA), MOD, {403}, "IPBAN-3"),
        (_ban(MOD), MOD, {200}, "IPBAN-1"),
        (_ban(EVE), MOD, {200}, "IPBAN-1"),
        (_ban(OTHER), ANA, {200, 404}, "IPBAN-1"),
        (_ban("nobody"), ANA, {400, 404, 422}, "REST-4"),
        (_ban(reason=""), ANA, {400}, "REST-4"),
        (_ban(reason="x" * 240), ANA, {200}, "IPBAN-1"),
        (_ban(reason="é" * 240), ANA, {200, 400}, "IPBAN-1"),
        (_ban(reason="x" * 241), ANA, {400}, "REST-4"),
        (_ban(expires_in_secs=0), ANA, {400}, "REST-4"),
        (_ban(expires_in_secs=-1), ANA, {400, 422}, "REST-4"),
        (_ban(expires_in_secs=15_552_000), ANA, {200}, "IPBAN-1"),
        (_ban(expires_in_secs=15_552_001), ANA, {400}, "REST-4"),
    ],
)
def test_who_may_ban_which_addresses(
    operation: ops.BanAddressesOf, actor: str, statuses: set[int], requirement: str
) -> None:
    expectation = _expect(operation, _world(), actor)
    assert (set(expectation.statuses), expectation.requirement) == (statuses, requirement)


def test_an_aim_at_somebody_above_is_a_deviation() -> None:
    assert _expect(_ban(ANA), _world(), MOD).tolerated == {200}


@pytest.mark.parametrize(
    ("bans", "statuses"),
    [
        ([], {200}),
        ([_bans(addresses=frozenset({THERE}))], {409}),
        ([_bans(addresses=frozenset({THERE}), expires_in_secs=9)], {200, 409}),
        ([_bans(addresses=frozenset({THERE}), expires_in_secs=1)], {200}),
        ([_bans()], {200, 409}),
    ],
)
def test_the_number_of_bans_is_limited(bans: list[IpBans], statuses: set[int]) -> None:
    limits = Limits(ip_bans_per_guild=1)
    assert _expect(_ban(), _world(*bans), limits=limits).statuses == statuses


def test_a_ban_covers_every_observed_address() -> None:
    seen = Observed(surely=frozenset({HERE, THERE}))
    effect = _effect(_ban(reason="noise", expires_in_secs=60), _world(observed=seen), BAN, OTHER)
    assert effect.world is not None
    (bans,) = effect.world.guilds[G].ip_bans
    assert (bans.addresses, bans.perhaps) == (seen.surely, seen.perhaps)
    assert bans.ban_ids == {BAN, OTHER}
    assert (bans.source_id, bans.reason, bans.expires_in_secs) == (BEN, "noise", 60)
    (emission,) = effect.emissions
    assert emission.standing is Standing.DUE
    told = {"guild_id": G, "summary": {"action": "upsert", "changed_count": 2}}
    assert emission.is_told_by(told)
    assert emission.disagreements(told, ANA) == ()


def test_what_may_have_been_observed_may_be_covered() -> None:
    seen = Observed(surely=frozenset({HERE}), perhaps=frozenset({THERE}))
    effect = _effect(_ban(), _world(observed=seen), BAN)
    assert effect.world is not None
    (bans,) = effect.world.guilds[G].ip_bans
    assert (bans.addresses, bans.perhaps) == (seen.surely, seen.perhaps)


def test_a_ban_of_nothing_changes_nothing() -> None:
    world = _world()
    effect = _effect(_ban(EVE), world)
    assert effect.world is world
    assert [(one.standing, one.unless_changed) for one in effect.emissions] == [(Standing.NO_OP, "IPBAN-1")]


def test_a_repeated_ban_doubts_the_former_and_may_be_told() -> None:
    effect = _effect(_ban(), _world(_bans()), OTHER)
    assert effect.world is not None
    assert [bans.doubted for bans in effect.world.guilds[G].ip_bans] == [True, False]
    assert effect.emissions[0].standing is Standing.OPTIONAL


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
@pytest.mark.parametrize("operation", [_ban(), ops.RemoveIpBan(guild_id=G, ban_id=BAN)])
def test_what_did_not_happen_changes_nothing(operation: ops.Operation, standing: Standing) -> None:
    world = _world(_bans())
    effect = _effect(operation, world, standing=standing)
    assert (effect.world, effect.emissions[0].standing) == (world, standing)


# --- listing and removing


@pytest.mark.parametrize(
    ("actor", "limit", "statuses"),
    [
        (ANA, None, {200}),
        (MOD, 100, {200}),
        (MOD, 101, {400}),
        (MOD, 0, {400}),
        (BEN, 1, {403}),
        (EVE, 1, {403}),
    ],
)
def test_who_may_list_them(actor: str, limit: int | None, statuses: set[int]) -> None:
    assert _expect(ops.ListIpBans(guild_id=G, limit=limit), _world(), actor).statuses == statuses


@pytest.mark.parametrize(
    ("bans", "ban_id", "actor", "statuses"),
    [
        (_bans(), BAN, MOD, {200}),
        (_bans(), BAN, BEN, {403}),
        (_bans(), OTHER, MOD, {404}),
        (_bans(), "no-id", MOD, {400, 404}),
        (_bans(doubted=True), BAN, MOD, {200, 404}),
        (_bans(expires_in_secs=5), BAN, MOD, {200, 404}),
        (_bans(ban_ids=frozenset()), BAN, MOD, {404}),
    ],
)
def test_what_can_be_removed(bans: IpBans, ban_id: str, actor: str, statuses: set[int]) -> None:
    remove = ops.RemoveIpBan(guild_id=G, ban_id=ban_id)
    assert _expect(remove, _world(bans), actor).statuses == statuses


def test_a_removal_undoes_one_ban() -> None:
    bans = _bans(ban_ids=frozenset({BAN, OTHER}), addresses=frozenset({HERE, THERE}))
    effect = _effect(ops.RemoveIpBan(guild_id=G, ban_id=BAN), _world(bans))
    assert effect.world is not None
    (left,) = effect.world.guilds[G].ip_bans
    assert (set(left.ban_ids), left.whole) == ({OTHER}, False)
    told = {"guild_id": G, "summary": {"action": "remove", "changed_count": 1}}
    assert effect.emissions[0].is_told_by(told)
    assert effect.emissions[0].disagreements(told, ANA) == ()


# --- what it shuts out from


def _beside(
    expectation: Expectation, actor: str, *bans: IpBans, address: Address | None = HERE
) -> Expectation:
    situation = _situation(_world(*bans), actor, address=address)
    return with_ip_bans(situation, ops.ListChannels(guild_id=G), expectation)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (expected(200), {403}),
        (expected(200, 400), {400, 403}),
        (expected(404), {403, 404}),
        (expected(200, 429), {403, 429}),
    ],
)
def test_a_sure_ban_leaves_refusals_alone(before: Expectation, after: set[int]) -> None:
    expectation = _beside(before, BEN, _bans())
    assert (set(expectation.statuses), expectation.requirement) == (after, "IPBAN-2")


def test_a_possible_ban_leaves_both_open() -> None:
    assert _beside(expected(200), BEN, _bans(), address=None).statuses == {200, 403}


def test_an_owner_should_be_let_in() -> None:
    expectation = _beside(expected(200), ANA, _bans())
    assert (set(expectation.statuses), set(expectation.tolerated)) == ({200}, {403})
    assert expectation.requirement == "IPBAN-3"
    assert _beside(expected(404), ANA, _bans()).statuses == {403, 404}


def test_what_works_again_is_a_witness() -> None:
    over = replace(_bans(), ban_ids=frozenset())
    assert _beside(expected(200), BEN, over).requirement == "IPBAN-2"
    assert _beside(expected(200), BEN, over, address=THERE).requirement == "REST-1"
    assert _beside(expected(403), BEN, over).requirement == "REST-1"


def test_the_endpoints_are_those_that_the_contract_names() -> None:
    names = {operation.name for operation in SHUTTING_OUT}
    assert {
        "list_channels",
        "create_channel",
        "own_permissions",
        "override_role",
        "override_permission",
    } < names
    assert {"create_message", "history", "edit_message", "delete_message", "add_reaction"} < names
    assert {"upload_attachment", "read_attachment", "search", "issue_voice_token", "leave_voice"} < names
    assert not names & {"list_members", "list_roles", "read_audit", "update_channel", "leave_guild"}


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [(ops.RebuildSearch(guild_id=G), {204, 403}), (ops.ListRoles(guild_id=G), {204})],
)
def test_other_endpoints(operation: ops.Operation, statuses: set[int]) -> None:
    situation = _situation(_world(_bans()), BEN, address=HERE)
    assert with_ip_bans(situation, operation, expected(204)).statuses == statuses


@pytest.mark.parametrize(
    ("actor", "visibility", "statuses", "requirement", "code"),
    [
        (EVE, "public", {403}, "JOIN-2", "directory_join_ip_banned"),
        (BEN, "public", {403}, "JOIN-1", "directory_join_ip_banned"),
        (ANA, "public", {200}, "IPBAN-3", None),
        (EVE, "private", {404}, "LEAK-JOIN-1", None),
        (BEN, "private", {200, 403, 404}, "LEAK-JOIN-1", None),
    ],
)
def test_joining_from_a_banned_address(
    actor: str, visibility: Any, statuses: set[int], requirement: str, code: str | None
) -> None:
    world = _world(_bans())
    world = world.with_guild(replace(world.guilds[G], visibility=visibility))
    join = ops.JoinGuild(guild_id=G)
    situation = _situation(world, actor, address=HERE)
    found = with_ip_bans(situation, join, RULES[ops.JoinGuild].expect(situation, join))
    assert (set(found.statuses), found.requirement, found.code) == (statuses, requirement, code)


def test_a_banned_user_is_told_of_that_first() -> None:
    world = _world(_bans())
    world = world.with_guild(replace(world.guilds[G], banned=frozenset({EVE})))
    found = {
        address: _expect(ops.JoinGuild(guild_id=G), world, EVE, address=address) for address in (HERE, THERE)
    }
    assert {one.code for one in found.values()} == {"directory_join_user_banned"}
    assert (found[HERE].requirement, found[THERE].requirement) == ("JOIN-1", "JOIN-2")
