"""A settle fences everybody, then takes replicas and snapshots of one and the same moment."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import (
    FenceMissed,
    OperationInvoked,
    Purpose,
    ReplicaTaken,
    SettleBegun,
    SettleEnded,
    SnapshotTaken,
)
from sync_check.harness import fence, settle
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.playing import Playing, playing


async def furnished(here: Playing, clients: int = 3) -> tuple[Stage, list[str]]:
    stage = Stage(here.company, clients)
    room = await stage.workspace()
    cast = await stage.cast(room)
    await stage.stranger()
    return stage, [client.name for client in cast]


async def test_replicas_and_snapshots_agree_at_rest() -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        author = next(iter(here.company.playing))
        await stage.post(author, stage.rooms[0].channel(GENERAL), "hello")
        await stage.settle()
        replicas = {record.connection: record.slices for record in here.of(ReplicaTaken)}
        snapshots = {record.connection: record.slices for record in here.of(SnapshotTaken)}
        assert replicas == snapshots
        assert len(replicas) == 3 + 1 + 1  # the second client has two sessions, and there is a stranger
        assert [record.void for record in here.of(SettleEnded)] == [None]


async def test_one_message_fences_a_whole_channel_and_an_own_profile_update_each_outsider() -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        await stage.settle()
        fences = [record.operation for record in here.of(OperationInvoked) if record.purpose is Purpose.FENCE]
        rounds = fences.count("create_message")
        assert rounds >= 2
        assert fences.count("update_profile") == rounds


async def test_a_deaf_connection_is_named_and_voids_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "FENCE_BUDGET_S", 0.3)
    async with playing() as here:
        stage, _ = await furnished(here)
        _, ana, *_ = stage.rooms[0].members
        connection = ana.connections[0]
        assert connection._socket is not None
        connection._socket.pause_reading()
        await stage.settle()
        missed = here.of(FenceMissed)
        assert [record.connection for record in missed] == [connection.id]
        (ended,) = here.of(SettleEnded)
        assert ended.void is not None
        assert connection.label in ended.void


async def test_a_deaf_connection_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "FENCE_BUDGET_S", 0.3)
    async with playing() as here:
        stage, _ = await furnished(here)
        connection = stage.rooms[0].members[1].connections[0]
        assert connection._socket is not None
        connection._socket.pause_reading()
        await stage.settle()
        await stage.settle()
        assert len(here.of(FenceMissed)) == 1


async def test_an_operation_during_the_comparison_voids_it_and_it_is_repeated() -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        owner = stage.rooms[0].owner
        company = here.company
        original = settle.Settle._take_snapshots
        calls = 0

        async def disturbed(self: settle.Settle, number: int, taken: list[object]) -> None:
            nonlocal calls
            calls += 1
            if calls == 1:
                operation = ops.UpdateProfile(about_markdown="in between")
                await company.call(owner, operation, purpose=Purpose.SCENARIO)
            await original(self, number, taken)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settle.Settle, "_take_snapshots", disturbed)
            await stage.settle()
        voids = [record.void is None for record in here.of(SettleEnded)]
        assert voids == [False, True]
        assert len(here.of(SettleBegun)) == 2


async def test_many_clients_are_sampled_but_every_replica_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "EVERYBODY_BELOW", 5)
    monkeypatch.setattr(settle, "DRAWN", 2)
    async with playing() as here:
        stage, _ = await furnished(here, clients=8)
        await stage.settle()
        replicas = {record.connection for record in here.of(ReplicaTaken)}
        snapshots = {record.connection for record in here.of(SnapshotTaken)}
        assert len(replicas) == 10
        # Two classes (members, the stranger) and two drawn.
        assert 2 <= len(snapshots) <= 4
        assert snapshots < replicas
