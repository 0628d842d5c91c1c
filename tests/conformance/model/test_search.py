"""Search in the model: the statuses; what it finds is judged with the answers."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.model.transitions import RULES, Expectation, Situation
from sync_check.conformance.model.world import SEEDS, Channel, Guild, Override, Role, World
from tests.conformance.histories import ulid, user

G, C, HIDDEN = ulid(1), ulid(2), ulid(3)
ANA, BEN, CYD, EVE = user("ana"), user("ben"), user("cyd"), user("eve")


def _muted() -> dict[str, Role]:
    """Roles of which `@everyone` and `member` permit nothing, and `speaker` permits to write."""
    roles = {
        key: Role(
            key=key, role_id=ulid(20 + index), name=key, position=role.position, permissions=frozenset()
        )
        for index, (key, role) in enumerate(SEEDS.items())
    }
    speaker = Role(
        key="speaker",
        role_id=ulid(30),
        name="speaker",
        position=2,
        permissions=frozenset({"create_message"}),
    )
    return roles | {"speaker": speaker}


def _world(roles: dict[str, Role] | None = None) -> World:
    return World().with_guild(
        Guild(
            guild_id=G,
            name="room",
            visibility="private",
            members={ANA: "owner", BEN: "member", CYD: "member"},
            channels={key: Channel(channel_id=key, name="general", kind="text") for key in (C, HIDDEN)},
            overrides={HIDDEN: {BEN: Override(deny=frozenset({"create_message"}))}},
            roles=SEEDS if roles is None else roles,
            assigned={CYD: frozenset({"speaker"})},
        )
    )


def _expected(operation: ops.Operation, actor: str = BEN, world: World | None = None) -> Expectation:
    situation = Situation(world=world or _world(), actor=actor)
    return RULES[type(operation)].expect(situation, operation)


def search(q: str = "word", limit: int | None = None, channel_id: str | None = None) -> ops.Search:
    return ops.Search(guild_id=G, q=q, limit=limit, channel_id=channel_id)


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        (search(), {200}),
        (search("x" * 256), {200}),
        (search("x" * 257), {400}),
        (search(""), {400}),
        (search("from:ben"), {400}),
        (search(" ".join("x" * 20)), {200}),
        (search(" ".join("x" * 21)), {400}),
        (search("-".join("x" * 21)), {200, 400}),
        (search("   "), {200, 400}),
        (search("!?"), {200, 400}),
        (search(limit=1), {200}),
        (search(limit=50), {200}),
        (search(limit=51), {400}),
        (search(limit=0), {400}),
        (search(channel_id=C), {200}),
        (search(channel_id=HIDDEN), {200, 403}),
        (search(channel_id=ulid(9)), {200, 403}),
        (search(channel_id="9"), {200, 400, 403}),
        (search("from:ben", channel_id=HIDDEN), {400, 403}),
        (ops.RebuildSearch(guild_id=G), {403}),
        (ops.ReconcileSearch(guild_id=G), {403}),
    ],
)
def test_statuses(operation: ops.Operation, statuses: set[int]) -> None:
    assert _expected(operation).statuses == statuses


def test_the_owner_may_rebuild_and_reconcile() -> None:
    assert _expected(ops.RebuildSearch(guild_id=G), ANA).statuses == {204}
    assert _expected(ops.ReconcileSearch(guild_id=G), ANA).statuses == {200}


@pytest.mark.parametrize(
    "operation", [search(), ops.RebuildSearch(guild_id=G), ops.ReconcileSearch(guild_id=G)]
)
def test_a_stranger_is_refused(operation: ops.Operation) -> None:
    assert _expected(operation, EVE) == Expectation(statuses=frozenset({403}), requirement="REST-5")


def test_searching_needs_the_permission_at_guild_level() -> None:
    world = _world(_muted())
    assert _expected(search(), BEN, world) == Expectation(statuses=frozenset({403}), requirement="REST-6")
    assert _expected(search(), CYD, world).statuses == {200}


@pytest.mark.parametrize("operation", [ops.Search, ops.RebuildSearch, ops.ReconcileSearch])
def test_nothing_is_changed(operation: type[ops.Operation]) -> None:
    assert not RULES[operation].mutates
