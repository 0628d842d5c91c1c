"""What no client should send goes out as it is, on a connection of its own, and is written down unmasked."""

from dataclasses import replace

from sync_check.conformance.contract.inputs.commands import COMMANDS
from sync_check.conformance.contract.inputs.early import EARLY
from sync_check.conformance.contract.inputs.envelopes import ENVELOPES
from sync_check.conformance.contract.inputs.frames import DEFIED
from sync_check.conformance.contract.inputs.requests import RAW_REQUEST, REQUESTS
from sync_check.conformance.contract.inputs.spellings import SPELLINGS
from sync_check.conformance.contract.wire import WireFrame
from sync_check.conformance.history import (
    CommandSent,
    ConnectionEnded,
    ConnectionOpened,
    EndOfConnection,
    InputSent,
    OperationAnswered,
    OperationInvoked,
)
from sync_check.harness.client import Client
from sync_check.harness.intrusion import Intrusion
from sync_check.harness.room import Room
from sync_check.harness.stage import GENERAL, Stage
from tests.harness.playing import Playing, playing


async def _furnished(here: Playing) -> tuple[Stage, Room, list[Client]]:
    stage = Stage(here.company, 2)
    room = await stage.workspace(channels=(GENERAL, "aside"))
    return stage, room, await stage.cast(room)


async def _intruding(here: Playing) -> tuple[Intrusion, list[Client]]:
    stage, room, cast = await _furnished(here)
    return await stage.intrusion(cast, room.channel(GENERAL), room.channel("aside")), cast


async def test_each_input_has_its_own_connection_and_the_clients_keep_theirs() -> None:
    async with playing() as here:
        intrusion, cast = await _intruding(here)
        before = len(here.of(ConnectionOpened))
        await intrusion.offend(ENVELOPES[:5])
        opened = here.of(ConnectionOpened)[before:]
        sent = [record for record in here.of(InputSent) if record.expected is not None]
        assert len(opened) == len(sent) == 5
        assert {record.connection for record in sent} == {record.connection for record in opened}
        assert {record.connection for record in here.of(ConnectionEnded)} == {
            one.connection for one in opened
        }
        assert all(record.code == 1008 for record in here.of(ConnectionEnded))
        assert all(client.is_listening for client in cast)


async def test_behind_an_input_comes_what_must_have_no_effect() -> None:
    async with playing() as here:
        intrusion, _ = await _intruding(here)
        await intrusion.offend(ENVELOPES[:8])
        later = [record for record in here.of(CommandSent) if record.command == "message_create"]
        assert len(later) == 8
        garbage = [record for record in here.of(InputSent) if record.name == "after/garbage"]
        assert len(garbage) == 2


async def test_the_history_shows_what_was_meant_in_plain_text() -> None:
    async with playing() as here:
        intrusion, _ = await _intruding(here)
        await intrusion.offend([one for one in ENVELOPES if one.id == "version/float"])
        sent = here.of(InputSent)[0]
        (frame,) = sent.frames
        assert isinstance(frame, WireFrame)
        assert frame.payload.startswith('{"v":1.0,"t":"message_create","d":{"guild_id":"')
        assert sent.expected == "invalid_envelope"
        assert sent.meant is not None
        assert str(sent.meant["content"]) in frame.payload


async def test_a_target_that_ends_nothing_is_not_waited_for_again_and_again() -> None:
    async with playing(defect="unknown-name-survives") as here:
        intrusion, _ = await _intruding(here)
        intrusion._vain = 3
        unknown = [one for one in COMMANDS if one.group == "unknown-name"][:2]
        await intrusion.offend(unknown)
        assert [record.how for record in here.of(ConnectionEnded)] == ["closed_by_us"] * 2


async def test_what_is_valid_is_said_on_the_clients_own_connections_and_waited_for() -> None:
    async with playing() as here:
        intrusion, cast = await _intruding(here)
        await intrusion.spell(SPELLINGS[:2])
        assert all(client.connections[0].has_spoken for client in cast)
        for client in cast:
            await client.connections[0].bound()
        assert here.of(ConnectionEnded) == []


async def test_who_is_in_a_hurry_speaks_before_anything_has_come() -> None:
    async with playing() as here:
        intrusion, _ = await _intruding(here)
        before = len(here.of(ConnectionOpened))
        await intrusion.hurry([one for one in EARLY if one.id in ("early/message", "early/open-object")])
        for opened in here.of(ConnectionOpened)[before:]:
            at = here.records.index(opened)
            assert isinstance(here.records[at + 1], InputSent | CommandSent)
            assert here.records[at + 1].connection == opened.connection
        assert [record.how for record in here.of(ConnectionEnded)].count(
            EndOfConnection.CLOSED_BY_TARGET
        ) == 1


async def test_who_takes_no_notice_of_a_close_frame_goes_on() -> None:
    async with playing() as here:
        intrusion, _ = await _intruding(here)
        await intrusion.defy(DEFIED[:1])
        assert [record.name for record in here.of(InputSent)] == [
            "defied/open-object",
            *("behind/message", "behind/subscribe", "behind/ping"),
        ]
        (defiant,) = intrusion._defiant
        assert here.of(ConnectionEnded) == []
        await defiant.close()
        assert [record.how for record in here.of(ConnectionEnded)] == ["closed_by_us"]
        await intrusion.outlast()


async def test_drawn_inputs_depend_on_the_seed_alone() -> None:
    names = []
    for _ in range(2):
        async with playing() as here:
            intrusion, _ = await _intruding(here)
            await intrusion.draw(3)
            names.append([record.name for record in here.of(InputSent)])
    assert names == [["drawn/1", "drawn/2", "drawn/3"]] * 2


async def test_a_request_goes_out_as_it_is_and_its_token_is_in_no_record() -> None:
    async with playing() as here:
        intrusion, cast = await _intruding(here)
        wanted = {"malformed/truncated": 400, "content-type/none": 415, "authorization/two-spaces": 401}
        await intrusion.ask([one for one in REQUESTS if one.id in wanted])
        asked = {one.op: one for one in here.of(OperationInvoked) if one.operation == RAW_REQUEST}
        got = {
            asked[one.op].arguments["name"]: one.status
            for one in here.of(OperationAnswered)
            if one.op in asked
        }
        assert got == wanted
        tokens = [client.account.sessions[0].access_token for client in cast]
        assert not any(token in repr(record) for token in tokens for record in here.records)


async def test_a_body_of_the_largest_size_is_not_written_out() -> None:
    async with playing() as here:
        intrusion, _ = await _intruding(here)
        (size,) = [one for one in REQUESTS if one.id == "size/one-beyond"]
        await intrusion.ask([replace(size, size=1)])
        (asked,) = [one for one in here.of(OperationInvoked) if one.operation == RAW_REQUEST]
        assert len(repr(asked)) < 1000
        assert here.of(OperationAnswered)[-2].status == 413 or here.of(OperationAnswered)[-1].status == 413
