"""A settle fences everybody, then takes replicas and snapshots of one and the same moment."""

import json

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.slices import FEATURE_OF_SLICE
from sync_check.conformance.history import (
    FenceMissed,
    OperationAnswered,
    OperationInvoked,
    Purpose,
    ReplicaTaken,
    SettleBegun,
    SettleEnded,
    SliceSeen,
    SnapshotTaken,
)
from sync_check.harness import fence, settle
from sync_check.harness.stage import GENERAL, Stage
from sync_check.harness.sweep import Read
from tests.harness.network.virtual.running import in_virtual_time
from tests.harness.playing import Playing, playing

EMPTY = ("{}", "[]", '{"incoming":{},"outgoing":{}}')


async def furnished(here: Playing, clients: int = 3) -> tuple[Stage, list[str]]:
    stage = Stage(here.company, clients)
    room = await stage.workspace()
    cast = await stage.cast(room)
    await stage.stranger()
    return stage, [client.name for client in cast]


@in_virtual_time
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


@in_virtual_time
async def test_whatever_a_client_can_read_agrees_at_rest() -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        await live_together(stage)
        await stage.settle()
        replicas = {record.connection: record.slices for record in here.of(ReplicaTaken)}
        snapshots = {record.connection: record.slices for record in here.of(SnapshotTaken)}
        assert replicas == snapshots
        texts = {record.digest: record.value for record in here.of(SliceSeen)}
        held = [(key, texts[slices[key]]) for slices in replicas.values() for key in slices]
        filled = {key.partition("/")[0] for key, text in held if text not in EMPTY}
        assert filled == FEATURE_OF_SLICE.keys()
        reactions = [text for key, text in held if key.startswith("reactions/")]
        assert {'"mine":true' in text for text in reactions} == {True, False}


async def live_together(stage: Stage) -> None:
    """The owner makes a role and gives it to the next, who reacts to a file; then both become friends."""
    (room,) = stage.rooms
    owner, ana, *_ = room.members
    general = room.channel(GENERAL)
    crew = await stage.do(owner, ops.CreateRole(guild_id=room.guild_id, role_name="crew", permissions=[]))
    role_id = crew.body["role_id"]
    await stage.do(owner, ops.AssignRole(guild_id=room.guild_id, role_id=role_id, user_id=ana.user_id))
    note = await stage.post(owner, general, "hello", files=[await stage.upload(owner, general, "shared")])
    place = {"guild_id": general.guild_id, "channel_id": general.channel_id}
    await stage.do(ana, ops.AddReaction(**place, message_id=note.message_id, emoji="tea"))
    asked = await stage.do(owner, ops.RequestFriend(recipient_user_id=ana.user_id))
    await stage.do(ana, ops.AcceptFriend(request_id=asked.body["request_id"]))
    await stage.do(ana, ops.RequestFriend(recipient_user_id=room.members[2].user_id))


@in_virtual_time
async def test_one_message_fences_a_whole_channel_and_an_own_profile_update_each_outsider() -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        await stage.settle()
        fences = [record.operation for record in here.of(OperationInvoked) if record.purpose is Purpose.FENCE]
        rounds = fences.count("create_message")
        assert rounds >= 2
        assert fences.count("update_profile") == rounds


@in_virtual_time
async def test_old_urls_are_fetched_again_by_everybody_and_by_nobody_known() -> None:
    async with playing() as here:
        stage, names = await furnished(here)
        (room,) = stage.rooms
        owner, _, ben = room.members
        place = room.channel(GENERAL)
        file = await stage.upload(owner, place, "shared")
        note = await stage.post(owner, place, "look", files=[file])
        await stage.kick(owner, room, ben)
        await stage.settle()
        await stage.delete(owner, note)
        await stage.settle()
        answers = {record.op: record.status for record in here.of(OperationAnswered)}
        fetched = [
            (record.client, answers[record.op])
            for record in here.of(OperationInvoked)
            if record.operation == "read_attachment"
        ]
        (stranger,) = {client for client, _ in fetched} - {*names, "anonymous"}
        first, second = names[:2]
        assert sorted(fetched) == sorted(
            [
                *[(first, 200), (second, 200), (ben.name, 403), (stranger, 403), ("anonymous", 401)],
                *[(first, 404), (second, 404), (ben.name, 403), (stranger, 403), ("anonymous", 401)],
            ]
        )


@in_virtual_time
async def test_what_was_written_is_searched_for_by_everybody() -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        (room,) = stage.rooms
        owner = room.members[0]
        note = await stage.post(owner, room.channel(GENERAL), "first")
        await stage.edit(owner, note, "second")
        await stage.settle()
        searches = [record for record in here.of(OperationInvoked) if record.operation == "search"]
        assert {record.arguments["q"] for record in searches} == set(room.words)
        assert len({record.client for record in searches}) == 4
        found = {
            record.op: json.loads(record.body or "")["message_ids"]
            for record in here.of(OperationAnswered)
            if record.op in {search.op for search in searches} and record.status == 200
        }
        told = {(search.arguments["q"], *found[search.op]) for search in searches if search.op in found}
        assert told == {(room.words[0],), (room.words[1], note.message_id)}


@in_virtual_time
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


@in_virtual_time
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


@in_virtual_time
async def test_an_operation_during_the_comparison_voids_it_and_it_is_repeated() -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        owner = stage.rooms[0].owner
        company = here.company
        original = settle.Settle._take_snapshots
        calls = 0

        async def disturbed(self: settle.Settle, number: int, taken: list[object]) -> set[Read]:
            nonlocal calls
            calls += 1
            if calls == 1:
                operation = ops.UpdateProfile(about_markdown="in between")
                await company.call(owner, operation, purpose=Purpose.SCENARIO)
            return await original(self, number, taken)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settle.Settle, "_take_snapshots", disturbed)
            await stage.settle()
        voids = [record.void is None for record in here.of(SettleEnded)]
        assert voids == [False, True]
        assert len(here.of(SettleBegun)) == 2


@in_virtual_time
async def test_what_a_snapshot_has_read_is_swept_only_for_those_who_have_none() -> None:
    async with playing() as here:
        stage, members = await furnished(here)
        await stage.settle()
        lists = [record for record in here.of(OperationInvoked) if record.operation == "list_roles"]
        swept = {record.client for record in lists if record.purpose is Purpose.SURFACE}
        read = {record.client for record in lists if record.purpose is Purpose.SNAPSHOT}
        assert read == set(members)
        assert len(swept) == 1  # the stranger, whose snapshot is of no workspace
        assert swept.isdisjoint(read)


@in_virtual_time
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


@in_virtual_time
@pytest.mark.parametrize(("rows", "pages"), [(0, 0), (5, 5), (30, 3)])
async def test_an_audit_log_is_walked_to_its_end(rows: int, pages: int) -> None:
    async with playing() as here:
        stage, _ = await furnished(here)
        (room,) = stage.rooms
        for number in range(rows):
            role = ops.CreateRole(guild_id=room.guild_id, role_name=f"crew {number}", permissions=[])
            await stage.do(room.owner, role)
        await stage.settle()
        asked = {
            record.op: record.arguments["limit"]
            for record in here.of(OperationInvoked)
            if record.operation == "read_audit" and record.client == room.owner.name
        }
        whole, *walk = [
            json.loads(record.body or "") for record in here.of(OperationAnswered) if record.op in asked
        ]
        assert len(whole["events"]) == rows
        assert [event for page in walk for event in page["events"]] == whole["events"]
        assert all(page["next_cursor"] is not None for page in walk[:-1])
        assert len(walk) == pages
