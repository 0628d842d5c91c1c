"""Who gets an event is decided by what holds when it is enqueued: not before, and not after (ACCESS-1)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.reference_server.routes.test_channels import create
from tests.reference_server.routes.test_ip_bans import HOME, ban
from tests.reference_server.routes.test_overrides import NOBODY, NOTHING, everyone, override
from tests.reference_server.routes.test_roles import make
from tests.reference_server.running import WITHIN_S, Person, Room, running
from tests.reference_server.test_gateway import frames_in, stalled_reader

ADMITTED: Final = {"allow": ["create_message"], "deny": []}
LIFE: Final = ["message_create", "message_update", "message_reaction", "message_delete"]


@dataclass(frozen=True, kw_only=True)
class Club:
    """A guild of Ana's with an open channel and one that only a role and moderators let in; Ben has both."""

    ana: Person
    ben: Person
    open: Room
    inner: Room
    role_id: str

    @property
    def assignment(self) -> str:
        return f"{self.open.guild}/roles/{self.role_id}/members/{self.ben.user_id}"

    async def live(self) -> None:
        """Cause every event of a message in the inner channel."""
        message = f"{self.inner.messages}/{(await self.ana.say(self.inner, 'x'))['message_id']}"
        assert (await self.ana.patch(message, {"content": "y"})).status_code == 200
        assert (await self.ana.post(f"{message}/reactions/z")).status_code == 200
        assert (await self.ana.delete(message)).status_code == 204


async def founded(ana: Person, ben: Person, room: Room) -> Club:
    inner = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "inner"))
    role_id = (await make(ana, room))["role_id"]
    club = Club(ana=ana, ben=ben, open=room, inner=inner, role_id=role_id)
    assert await override(ana, inner, "role", await everyone(ana, room), NOBODY) == 200
    assert await override(ana, inner, "role", role_id, ADMITTED) == 200
    return club


async def lose_assignment(club: Club) -> None:
    assert (await club.ana.delete(club.assignment)).status_code == 200


async def lose_role(club: Club) -> None:
    assert (await club.ana.delete(f"{club.open.guild}/roles/{club.role_id}")).status_code == 200


async def lose_override(club: Club) -> None:
    assert await override(club.ana, club.inner, "role", club.role_id, NOTHING) == 200


async def be_denied(club: Club) -> None:
    assert await override(club.ana, club.inner, "member", club.ben.user_id, NOBODY) == 200


async def be_denied_by_legacy_role(club: Club) -> None:
    assert (await club.ana.post(f"{club.inner.channel}/overrides/member", NOBODY)).status_code == 200


async def be_kicked(club: Club) -> None:
    assert (await club.ana.post(f"{club.open.member(club.ben)}/kick")).status_code == 200


async def be_banned(club: Club) -> None:
    assert (await club.ana.post(f"{club.open.member(club.ben)}/ban")).status_code == 200


async def leave(club: Club) -> None:
    assert (await club.ben.post(f"{club.open.guild}/leave")).status_code == 200


LOSSES: Final[dict[str, Callable[[Club], Awaitable[None]]]] = {
    "assignment removed": lose_assignment,
    "role deleted": lose_role,
    "override cleared": lose_override,
    "denied by name": be_denied,
    "denied by legacy role": be_denied_by_legacy_role,
    "kicked": be_kicked,
    "banned": be_banned,
    "left": leave,
}
REMOVALS: Final = ("kicked", "banned", "left")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.witnesses("ACCESS-1", "ACCESS-3", "ACCESS-4", "ACCESS-7", "PERM-3")
async def test_access_lost_after_the_subscribe_ends_the_stream(loss: str) -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        club = await founded(ana, ben, server.room(ana, ben))
        assert (await ana.post(club.assignment)).status_code == 200
        ear = await ben.connect(club.open)
        await ear.send(club.inner.subscribe())
        assert (await ear.next())[0] == "subscribed"
        await club.live()
        assert await ear.names_until_now() == LIFE
        await LOSSES[loss](club)
        assert await ear.names_until_now() != []  # the event that announces it
        await club.live()
        await ana.say(club.open, "elsewhere")
        await ana.patch(club.open.guild, {"name": "renamed"})
        still = [] if loss in REMOVALS else ["message_create", "workspace_update"]
        assert await ear.names_until_now() == still


@pytest.mark.witnesses("ACCESS-1", "LEAK-CHAN-1", "CHAN-7")
async def test_access_won_and_lost_after_the_subscribe_decides_about_events_of_a_channel() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        club = await founded(ana, ben, server.room(ana, ben))
        ear = await ben.connect(club.open)
        both = [club.inner.channel_id, club.open.channel_id]

        async def told(name: str) -> list[Any]:
            assert (await ana.patch(club.inner.channel, {"name": name})).status_code == 200
            order = f"{club.open.guild}/channels/reorder"
            assert (await ana.post(order, {"channel_ids": both})).status_code == 200
            both.reverse()
            events = await ear.until_now()
            return [
                payload.get("channel_ids") or payload["updated_fields"]["name"]
                for event, payload in events
                if event in ("channel_update", "channel_reorder")
            ]

        assert await told("before") == [[club.open.channel_id]]
        assert (await ana.post(club.assignment)).status_code == 200
        assert await told("meanwhile") == ["meanwhile", [club.open.channel_id, club.inner.channel_id]]
        assert (await ana.delete(club.assignment)).status_code == 200
        assert await told("after") == [[club.open.channel_id]]


@pytest.mark.witnesses("ACCESS-1", "LEAK-IP-2")
async def test_a_permission_won_and_lost_after_the_subscribe_decides_about_its_events() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        server.backend.store.guilds[room.guild_id].observed_addresses[eve.user_id] = {HOME: None}
        ear = await ben.connect(room)

        async def told() -> list[str]:
            made: Any = await ban(ana, room, eve.user_id)
            assert (await ana.delete(f"{room.guild}/ip-bans/{made['ban_ids'][0]}")).status_code == 200
            return [name for name in await ear.names_until_now() if name == "workspace_ip_ban_sync"]

        async def be(role: str) -> None:
            assert (await ana.patch(room.member(ben), {"role": role})).status_code == 200

        assert await told() == []
        await be("moderator")
        assert await told() == ["workspace_ip_ban_sync"] * 2
        await be("member")
        assert await told() == []


async def read_until(one: socket.socket, sign: bytes) -> list[str]:
    """The content of each message, or else the name of the event, until one that holds `sign`."""
    received = b""
    async with asyncio.timeout(WITHIN_S):
        while sign not in received or not received.endswith(b"}}"):
            received += await asyncio.get_running_loop().sock_recv(one, 65536)
    return [event["d"].get("content", event["t"]) for event in frames_in(received)]


@pytest.mark.witnesses("ACCESS-1", "DELIV-2")
async def test_what_waits_to_be_sent_when_access_ends_is_still_sent_and_nothing_more() -> None:
    async with running(send_buffer=8192) as server:
        ana, ben = server.person("ana"), server.person("ben")
        club = await founded(ana, ben, server.room(ana, ben))
        await ana.post(club.assignment)
        reader = await stalled_reader(server, ben, club.inner)
        said = [(await ana.say(club.inner, f"{number} {'x' * 1500}"))["content"] for number in range(30)]
        (connection,) = server.backend.connections.of_user(ben.user_id)
        assert connection.outbound.is_blocked
        await lose_assignment(club)
        await ana.say(club.inner, "unheard")
        assert (await ben.patch("/users/me/profile", {"about_markdown": "a fence"})).status_code == 200
        due = [*said, "workspace_role_assignment_remove", "profile_update"]
        assert await read_until(reader, b"a fence") == due
        reader.close()
