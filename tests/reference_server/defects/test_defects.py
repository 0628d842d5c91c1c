"""Each defect really deviates, in its one point; and without it the same steps do not."""

import subprocess
import sys

import pytest

from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.defects.deviations import DEFECTIVE
from sync_check.reference_server.settings import Settings
from tests.reference_server.running import running


def test_every_defect_can_be_chosen() -> None:
    assert DEFECTIVE.keys() == DEFECTS.keys()
    assert len(DEFECTS) >= 24
    for defect_id in DEFECTS:
        assert Settings(defect=defect_id).defect == defect_id


def test_the_tables_load_nothing_of_the_server() -> None:
    program = (
        "import sys, sync_check.reference_server.defects, sync_check.reference_server.variants;"
        "print([name for name in ('fastapi', 'uvicorn', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("defect", [None, "message-update-dropped"])
async def test_the_last_other_recipient_misses_an_edit(defect: str | None) -> None:
    async with running(defect=defect) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        connections = [await person.connect(room) for person in (ben, ben, ana)]
        posted = await ana.say(room, "first")
        await ana.patch(f"{room.messages}/{posted['message_id']}", {"content": "second"})
        got = ["message_update" in await connection.names_until_now() for connection in connections]
        assert got == [True, defect is None, True]


@pytest.mark.parametrize("defect", [None, "message-update-dropped"])
async def test_alone_the_author_misses_the_edit(defect: str | None) -> None:
    async with running(defect=defect) as server:
        ana = server.person("ana")
        room = server.room(ana)
        connections = [await ana.connect(room) for _ in range(2)]
        posted = await ana.say(room, "first")
        await ana.patch(f"{room.messages}/{posted['message_id']}", {"content": "second"})
        got = ["message_update" in await connection.names_until_now() for connection in connections]
        assert got == [True, defect is None]


@pytest.mark.parametrize("defect", [None, "guild-event-to-stranger"])
async def test_the_newest_stranger_hears_of_the_guild(defect: str | None) -> None:
    async with running(defect=defect) as server:
        ana, eve = server.person("ana"), server.person("eve")
        room = server.room(ana)
        member = await ana.connect(room)
        strangers = [await eve.connect(), await eve.connect(server.room(eve))]
        await ana.patch(room.guild, {"name": "renamed"})
        await ana.say(room, "not told")
        got = [await stranger.names_until_now() for stranger in strangers]
        assert got == [[], [] if defect is None else ["workspace_update"]]
        assert await member.names_until_now() == ["workspace_update", "message_create"]


@pytest.mark.parametrize("defect", [None, "kick-keeps-stream"])
async def test_a_kicked_connection_goes_on_hearing_what_it_had_subscribed(defect: str | None) -> None:
    async with running(defect=defect) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        kicked, idle, closed = await ben.connect(room), await ben.connect(), await ben.connect(room)
        await ana.post(room.member(ben) + "/kick")
        await closed.socket.close()
        await ana.patch(room.guild, {"name": "renamed"})
        await ana.say(room, "still told")
        later = ["workspace_update", "message_create"]
        assert await kicked.names_until_now() == [
            "workspace_member_remove",
            *([] if defect is None else later),
        ]
        assert await idle.names_until_now() == ["workspace_member_remove"]
        assert not any("dropped_total{" in key for key in server.counters())


async def test_a_kept_stream_is_not_doubled_by_a_new_membership() -> None:
    async with running(defect="kick-keeps-stream") as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        kicked = await ben.connect(room)
        await ana.post(room.member(ben) + "/kick")
        await ana.post(room.member(ben))
        await kicked.send(room.subscribe())
        await ana.say(room, "once")
        assert (await kicked.names_until_now()).count("message_create") == 1


async def test_a_server_with_a_defect_can_choose_otherwise_besides() -> None:
    async with running(defect="message-twice", variants=("actors-left-out",)) as server:
        ana = server.person("ana")
        room = server.room(ana)
        connection = await ana.connect(room)
        await ana.say(room, "twice")
        await ana.patch(room.guild, {"name": "renamed"})
        told = await connection.until_now()
        assert [name for name, _ in told] == ["message_create", "message_create", "workspace_update"]
        assert "actor_user_id" not in told[-1][1]


@pytest.mark.parametrize("defect", [None, "friend-copies-alike"])
async def test_both_sides_are_told_of_a_friendship_from_one_side(defect: str | None) -> None:
    async with running(defect=defect) as server:
        ana, ben = server.person("ana"), server.person("ben")
        made = (await ana.post("/friends/requests", {"recipient_user_id": ben.user_id})).json()
        ears = [await person.connect() for person in (ana, ben)]
        await ben.post(f"/friends/requests/{made['request_id']}/accept")
        await ana.delete(f"/friends/{ben.user_id}")
        of_ana, of_ben = [[payload for _, payload in await ear.until_now()] for ear in ears]
        named = [[told["user_id"] for told in heard] for heard in (of_ana, of_ben)]
        faithful = [[ana.user_id, ana.user_id], [ben.user_id, ben.user_id]]
        assert named == (faithful if defect is None else [[ben.user_id, ana.user_id]] * 2)


@pytest.mark.parametrize("defect", [None, "accepted-request-stays"])
async def test_an_accepted_request_stays_in_the_list_of_its_recipient_alone(defect: str | None) -> None:
    async with running(defect=defect) as server:
        ana, ben = server.person("ana"), server.person("ben")
        made = (await ana.post("/friends/requests", {"recipient_user_id": ben.user_id})).json()
        await ben.post(f"/friends/requests/{made['request_id']}/accept")
        assert (await ana.get("/friends/requests")).json() == {"incoming": [], "outgoing": []}
        listed = (await ben.get("/friends/requests")).json()["incoming"]
        assert [one["request_id"] for one in listed] == ([] if defect is None else [made["request_id"]])
