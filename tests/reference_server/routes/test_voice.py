"""Voice channels (VOICE-1 to 6, SUB-1, METRIC `voice_sync_repairs_total`)."""

from typing import Any

import pytest

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from tests.reference_server.routes.test_channels import create, hide
from tests.reference_server.running import RAISED, Gateway, Person, Room, Running, running

WITH_VOICE = frozenset({Feature.PRESENCE})
JOINED = ["voice_participant_join", "voice_stream_publish"]
LEFT = ["voice_stream_unpublish", "voice_participant_leave"]
ALL = ["microphone", "camera", "screen_share"]


async def token(person: Person, room: Room, **body: Any) -> dict[str, Any]:
    answer = await person.post(f"{room.channel}/voice/token", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def watching(person: Person, room: Room) -> Gateway:
    """A subscribed connection, past the list of participants."""
    gateway = await person.connect(room)
    assert (await gateway.next())[0] == "voice_participant_sync"
    return gateway


async def permit(owner: Person, room: Room, person: Person, *permissions: str) -> None:
    path = f"{room.channel}/permission-overrides/member/{person.user_id}"
    assert (await owner.post(path, {"allow": list(permissions), "deny": []})).status_code == 200


@pytest.mark.witnesses("VOICE-1")
async def test_the_first_token_joins_and_a_later_one_tells_the_difference() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        await permit(ana, room, ben, "publish_video", "publish_screen_share")
        watcher = await watching(ana, room)
        first = await token(ben, room)
        assert first["publish_sources"] == ["microphone"]
        assert (first["can_publish"], first["can_subscribe"]) == (True, False)
        assert first["expires_in_secs"] == 300
        joined, published = await watcher.until_now()
        assert [joined[0], published[0]] == JOINED
        participant = joined[1]["participant"]
        assert (participant["user_id"], participant["identity"]) == (ben.user_id, first["identity"])
        assert [name for name in participant if participant[name] is True] == []
        assert (published[1]["stream"], published[1]["identity"]) == ("microphone", first["identity"])

        second = await token(
            ben, room, publish_sources=["camera", "screen_share", "camera"], can_subscribe=True
        )
        assert second["token"] != first["token"]
        assert second["identity"] == first["identity"]
        assert (second["publish_sources"], second["can_subscribe"]) == (["camera", "screen_share"], True)
        told = await watcher.until_now()
        assert [(name, payload.get("stream")) for name, payload in told] == [
            ("voice_participant_update", None),
            ("voice_stream_unpublish", "microphone"),
            ("voice_stream_publish", "camera"),
            ("voice_stream_publish", "screen_share"),
        ]
        assert told[0][1]["updated_fields"] == {"is_video_enabled": True, "is_screen_share_enabled": True}
        rows = (await ana.get(f"{room.guild}/audit?action_prefix=media.")).json()["events"]
        assert [row["action"] for row in rows] == ["media.token.issue"] * 2
        assert first["token"] not in str(rows)


@pytest.mark.witnesses("SUB-1")
async def test_a_subscriber_is_told_who_is_there() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        gateway = await ben.connect(room)
        name, payload = await gateway.next()
        assert (name, payload["participants"]) == ("voice_participant_sync", [])
        await token(ben, room)
        await ben.post(f"{room.channel}/voice/state", {"is_muted": True})
        late = await ana.connect(room)
        name, payload = await late.next()
        assert name == "voice_participant_sync"
        assert [(p["user_id"], p["is_muted"]) for p in payload["participants"]] == [(ben.user_id, True)]
        assert server.counters()['voice_sync_repairs_total{reason="subscribe"}'] == 2


@pytest.mark.witnesses("VOICE-2", "VOICE-3")
async def test_another_channel_is_entered_after_the_old_one_was_left() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        watcher = await watching(ana, room)
        await watcher.send(other.subscribe())
        assert [(await watcher.next())[0] for _ in range(2)] == ["subscribed", "voice_participant_sync"]
        await token(ben, room)
        await token(ben, other)
        told = await watcher.until_now()
        assert [(name, payload["channel_id"]) for name, payload in told] == [
            *((name, room.channel_id) for name in (*JOINED, *LEFT)),
            *((name, other.channel_id) for name in JOINED),
        ]


@pytest.mark.witnesses("VOICE-4")
async def test_changed_flags_are_told_and_time_never_goes_back() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await watching(ana, room)
        await token(ben, room)
        bodies = ({"is_muted": True}, {"is_muted": True}, {"is_muted": True, "is_deafened": True})
        for body in bodies:
            assert (await ben.post(f"{room.channel}/voice/state", body)).status_code == 204
        joined, _, *updates = [payload for _, payload in await watcher.until_now()]
        assert [update["updated_fields"] for update in updates] == [{"is_muted": True}, {"is_deafened": True}]
        times = [joined["participant"]["updated_at_unix"], *(update["updated_at_unix"] for update in updates)]
        assert times == sorted(times)


async def test_state_and_leave_of_who_is_not_there_change_nothing() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        await token(ben, other)
        watcher = await watching(ana, room)
        for person in (ben, eve):
            assert (await person.post(f"{room.channel}/voice/state", {"is_muted": True})).status_code == 204
            assert (await person.post(f"{room.channel}/voice/leave")).status_code == 204
        assert await watcher.until_now() == []
        assert (await ben.post(f"{other.channel}/voice/state", {})).status_code == 400
        assert (await ben.post(f"{other.channel}/voice/state", {"is_muted": None})).status_code == 422


@pytest.mark.witnesses("VOICE-3", "VOICE-5")
async def test_every_way_out_is_a_departure() -> None:
    async with running(without=WITH_VOICE) as server:
        ana = server.person("ana")
        room = server.room(ana)
        guild = server.backend.store.guilds[room.guild_id]
        watcher = await watching(ana, room)

        async def told_of(name: str, *, way: str) -> list[str]:
            person = server.person(name)
            server.backend.store.join(guild, person.user_id)
            await token(person, room)
            method, path = way.format(user=person.user_id).split(" ")
            who = ana if "members" in path else person
            assert (await who.call(method, f"{room.guild}{path}")).is_success
            return [event for event in await watcher.names_until_now() if event not in JOINED]

        voice = f"/channels/{room.channel_id}/voice/leave"
        assert await told_of("lea", way=f"POST {voice}") == LEFT
        removed = ["workspace_member_remove", *LEFT]
        assert await told_of("kim", way="POST /members/{user}/kick") == removed
        assert await told_of("bob", way="POST /members/{user}/ban") == ["workspace_member_ban", *removed]
        assert await told_of("liv", way="POST /leave") == removed


@pytest.mark.witnesses("VOICE-5")
async def test_the_last_connection_takes_its_user_out() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await watching(ana, room)
        first, second = await watching(ben, room), await ben.connect()
        await token(ben, room)
        await first.socket.close()
        await ana.patch(room.guild, {"name": "still there"})
        seen = [await watcher.next() for _ in range(3)]
        assert [name for name, _ in seen] == [*JOINED, "workspace_update"]
        await second.socket.close()
        assert [(await watcher.next())[0] for _ in range(2)] == LEFT


async def test_a_participation_expires_and_a_new_token_puts_that_off() -> None:
    limits = RAISED.model_copy(update={"voice_lease_s": 0.05})
    async with running(limits=limits, without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await watching(ana, room)
        assert (await token(ben, room))["expires_in_secs"] == 1
        assert [(await watcher.next())[0] for _ in range(4)] == [*JOINED, *LEFT]
        assert server.backend.voice.of_user(ben.user_id) is None


@pytest.mark.witnesses("VOICE-6")
async def test_lost_access_ends_the_participation() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await watching(ana, room)
        await token(ben, room)
        await hide(ana, room, room.channel_id)
        told = await watcher.names_until_now()
        assert told[-2:] == LEFT
        assert told[:2] == JOINED


@pytest.mark.witnesses("VOICE-3")
async def test_a_deleted_channel_is_left_first() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await watching(ben, room)
        await token(ben, room)
        assert (await ana.delete(room.channel)).status_code == 200
        assert await watcher.names_until_now() == [*JOINED, *LEFT, "channel_delete"]


async def test_permissions_filter_what_a_token_is_good_for() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        granted = await token(ben, room, publish_sources=ALL, can_subscribe=True)
        assert (granted["publish_sources"], granted["can_subscribe"]) == (["microphone"], True)
        only_hearing = await token(ben, room, can_publish=False, can_subscribe=True)
        assert (only_hearing["can_publish"], only_hearing["publish_sources"]) == (False, [])
        assert (await token(ana, room, publish_sources=ALL))["publish_sources"] == ALL
        empty: list[dict[str, Any]] = [
            {"publish_sources": ["camera"]},
            {"can_publish": False},
            {"publish_sources": []},
        ]
        for body in empty:
            assert (await ben.post(f"{room.channel}/voice/token", body)).status_code == 400


@pytest.mark.parametrize(
    "body", [{"publish_sources": ["radio"]}, {"publish_sources": None}, {"can_publish": 1}, {"room": "x"}]
)
@pytest.mark.witnesses("REST-3")
async def test_what_is_no_request_for_a_token(body: dict[str, Any]) -> None:
    async with running(without=WITH_VOICE) as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await ana.post(f"{room.channel}/voice/token", body)).status_code == 422


async def test_who_gets_a_token() -> None:
    async with running(without=WITH_VOICE) as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        await hide(ana, room, room.channel_id)
        for person, status in ((ana, 200), (ben, 403), (eve, 403)):
            assert (await person.post(f"{room.channel}/voice/token", {})).status_code == status


def _limited(**limits: int) -> Limits:
    return RAISED.model_copy(update=limits)


async def _statuses(server: Running, person: Person, room: Room, *bodies: dict[str, Any]) -> list[int]:
    del server
    return [(await person.post(f"{room.channel}/voice/token", body)).status_code for body in bodies]


@pytest.mark.witnesses("LIMIT-1")
async def test_tokens_are_limited_per_user_and_channel() -> None:
    limits = _limited(voice_tokens_per_minute=3, voice_publishes_per_minute=1, voice_subscribe_leases=1)
    async with running(limits=limits, without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        camera, hearing = {"publish_sources": ["camera"]}, {"can_subscribe": True}
        # What one limit refuses counts for none.
        assert await _statuses(server, ana, room, camera, camera, {}, {}, {}) == [200, 429, 200, 200, 429]
        assert await _statuses(server, ana, other, hearing, hearing, {}, {}, {}) == [200, 429, 200, 200, 429]
        assert await _statuses(server, ben, room, {}) == [200]


@pytest.mark.witnesses("LIMIT-1")
async def test_a_full_channel_takes_nobody_in_but_renews() -> None:
    limits = _limited(voice_participants=1, voice_tokens_per_minute=2)
    async with running(limits=limits, without=WITH_VOICE) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await watching(ana, room)
        assert await _statuses(server, ana, room, {}, {}) == [200, 200]
        assert await _statuses(server, ben, room, {}, {}) == [429, 429]
        assert (await ana.post(f"{room.channel}/voice/leave")).status_code == 204
        assert await _statuses(server, ben, room, {}, {}) == [200, 200]  # who was refused has lost nothing
        assert [name for name in await watcher.names_until_now() if name == JOINED[0]] == [JOINED[0]] * 2


def fill(server: Running, person: Person) -> None:
    """Stall the person's only connection: the next event finds its queue full."""
    (connection,) = server.backend.connections.of_user(person.user_id)
    connection.outbound.block()
    connection.outbound.push(b"")


@pytest.mark.witnesses("VOICE-3", "CHAN-5", "LIMIT-SLOW-2")
async def test_departures_that_end_connections_of_other_participants_are_told_once() -> None:
    async with running(without=WITH_VOICE, limits=_limited(gateway_outbound_queue=1)) as server:
        ana, ben, cat = [server.person(name) for name in ("ana", "ben", "cat")]
        room = server.room(ana, ben, cat)
        watcher = await watching(ana, room)
        for person in (ben, cat):
            await watching(person, room)
        for person in (ben, cat):
            await token(person, room)
        await watcher.until_now()
        fill(server, ben)
        fill(server, cat)
        assert (await ana.delete(room.channel)).status_code == 200
        told = await watcher.names_until_now()
        assert sorted(told) == sorted([*LEFT, *LEFT, "channel_delete"])
        assert told[-1] == "channel_delete"


@pytest.mark.witnesses("VOICE-1", "VOICE-3")
async def test_who_is_ended_by_the_own_join_leaves_nothing_behind() -> None:
    async with running(without=WITH_VOICE, limits=_limited(gateway_outbound_queue=1)) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await watching(ana, room)
        await watching(ben, room)
        fill(server, ben)
        await token(ben, room)
        assert await watcher.names_until_now() == ["voice_participant_join", *LEFT]
        assert server.backend.voice.of_user(ben.user_id) is None
