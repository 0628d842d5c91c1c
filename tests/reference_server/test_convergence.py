"""Whoever applies the events holds what REST reports, after any program of mutations (DELIV-10, CLIENT-6)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pytest

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.harness.decoding import Decoder
from sync_check.harness.occasions import PERSONAL, whole_guild
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.replica import Replica
from sync_check.harness.rereading import Rereading
from sync_check.harness.state import make_live
from tests.harness.portrait import portrait_of
from tests.reference_server.random_programs import Program
from tests.reference_server.running import RAISED, Gateway, Person, command, running
from tests.reference_server.scene import drain

LIMITS = RAISED.model_copy(update={"ingress_frames": 10**6})
STEPS: Final = 240
_CHANNEL = "/guilds/{guild_id}/channels/{channel_id}"
PATHS: Final[Mapping[Reading, str]] = {
    Reading.PROFILE: "/auth/me",
    Reading.GUILDS: "/guilds",
    Reading.CHANNELS: "/guilds/{guild_id}/channels",
    Reading.ROLES: "/guilds/{guild_id}/roles",
    Reading.MEMBERS: "/guilds/{guild_id}/members?limit=200",
    Reading.PERMISSIONS: _CHANNEL + "/permissions/self",
    Reading.MESSAGES: _CHANNEL + "/messages?limit=100",
    Reading.FRIENDS: "/friends",
    Reading.FRIEND_REQUESTS: "/friends/requests",
}
BY_GUILD: Final = ("workspaces", "channels", "members", "roles", "assignments")
BY_CHANNEL: Final = ("messages", "reactions", "permissions")


class Client:
    """A person with one connection and what it makes a client believe."""

    def __init__(self, person: Person, gateway: Gateway) -> None:
        self.person = person
        self.replica = replica_of(person)
        self._gateway = gateway
        self._rereading = Rereading(self.replica, self._read)

    @classmethod
    async def opened(cls, person: Person) -> "Client":
        client = cls(person, await person.connect())
        await client._rereading.fetch(client.replica.apply(command("ready", user_id=person.user_id)))
        return client

    async def subscribe(self, guild_id: str, channel_id: str) -> None:
        await self.catch_up()
        self.replica.subscribing(guild_id, channel_id)
        await self._gateway.send(command("subscribe", guild_id=guild_id, channel_id=channel_id))
        await (await self._gateway.socket.ping())
        await self.catch_up()

    async def catch_up(self) -> None:
        """Take in every event so far, and read what they make necessary."""
        while frames := await drain(self._gateway):
            await self._rereading.fetch([refetch for one in frames for refetch in self.replica.apply(one)])

    async def snapshot(self) -> Replica:
        """What a client would believe that begins now with the same subscriptions."""
        fresh = replica_of(self.person)
        wanted = [*PERSONAL, Refetch(Reading.GUILDS)]
        for channel_id, guild_id in self.replica.live.items():
            fresh.state = make_live(fresh.state, guild_id, channel_id)
        for guild_id in self.replica.state.guilds:
            wanted += whole_guild(guild_id, self.replica.state.live_in(guild_id))
        fresh.begin_refetch()
        fresh.finish_refetch([await self._read(refetch) for refetch in wanted])
        return fresh

    async def _read(self, wanted: Refetch) -> Fetched:
        path = PATHS[wanted.what].format(guild_id=wanted.guild_id, channel_id=wanted.channel_id)
        answer = await self.person.get(path)
        return Fetched(wanted=wanted, status=answer.status_code, body=answer.json())


def replica_of(person: Person) -> Replica:
    return Replica(user_id=person.user_id, features=frozenset(ALL_FEATURES), decoder=Decoder())


def compared(replica: Replica) -> dict[str, Any]:
    """What takes part in CLIENT-6: guilds with a subscription, friends and requests; lists without order."""
    drawn = portrait_of(replica.state)
    held = set(replica.live.values())
    shown = {
        name: {
            guild_id: value for guild_id, value in drawn.get(name, {}).items() if guild_id in held and value
        }
        for name in BY_GUILD
    }
    shown["members"] = {guild_id: sorted(members) for guild_id, members in shown["members"].items()}
    shown |= {
        name: {key: value for key, value in drawn.get(name, {}).items() if value} for name in BY_CHANNEL
    }
    requests = drawn.get("friend_requests", {})
    shown["requests"] = {way: sorted(requests.get(way, ())) for way in ("incoming", "outgoing")}
    shown["friends"] = {user_id: one["username"] for user_id, one in drawn.get("friends", {}).items()}
    return shown


async def compare(clients: Iterable[Client]) -> int:
    """Hold every client against a snapshot of its own; returns how many subscriptions took part."""
    for client in clients:
        await client.catch_up()
    for client in clients:
        assert compared(client.replica) == compared(await client.snapshot())
    return sum(len(client.replica.live) for client in clients)


@pytest.mark.witnesses("DELIV-10", "CLIENT-6", "PERM-3")
@pytest.mark.parametrize("seed", range(2))
async def test_events_and_reads_agree_after_any_program(seed: int) -> None:
    async with running(without=frozenset(), limits=LIMITS) as server:
        people = [server.person(name) for name in ("ana", "ben", "cat", "dan")]
        room = server.room(*people[:3])
        clients = [await Client.opened(person) for person in people]
        for client in clients[:3]:
            await client.subscribe(room.guild_id, room.channel_id)
        program = Program(seed, people, room)
        done = subscriptions = 0
        for number, (person, (method, path, body)) in enumerate(program.steps(STEPS), 1):
            answer = await person.call(method, path, body)
            assert answer.status_code in (200, 204, 400, 403, 404, 409, 415), (method, path, answer.text)
            done += answer.is_success
            client = clients[number % len(clients)]
            if not client.replica.live or program.one_of_ten():
                await client.subscribe(room.guild_id, program.channel_id())
            if number % 8 == 0:
                subscriptions += await compare(clients)
        assert done > STEPS / 5
        assert subscriptions > STEPS / 8
