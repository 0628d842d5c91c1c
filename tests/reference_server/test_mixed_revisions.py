"""Servers of each revision with clients of each: what an older client does not know costs it a re-fetch."""

import json
from typing import Any, Final

import pytest

from sync_check.conformance.contract.export.revision import revision
from sync_check.reference_server.settings import Revision
from tests.reference_server.random_programs import Program
from tests.reference_server.routes.test_overrides import NOBODY
from tests.reference_server.running import Gateway, Person, Room, running
from tests.reference_server.scene import drain
from tests.reference_server.test_convergence import LIMITS, Client, compared

STEPS: Final = 72
EVERY: Final = 12
"""Steps from one comparison to the next."""
KNOWN_AT_FIRST: Final = frozenset(event.name for event in revision(1).events())
SPLIT: Final = {"workspace_channel_role_override_update", "workspace_channel_permission_override_update"}


class FormerClient(Client):
    """A client of revision 1: it passes over every name that came later (CLIENT-1)."""

    def __init__(self, person: Person, gateway: Gateway) -> None:
        super().__init__(person, gateway)
        self.passed_over: set[str] = set()

    async def catch_up(self) -> None:
        while frames := await drain(self._gateway):
            for frame in frames:
                name = json.loads(frame)["t"]
                if name in KNOWN_AT_FIRST:
                    await self._rereading.fetch(self.replica.apply(frame))
                else:
                    self.passed_over.add(name)

    async def read_again(self) -> None:
        """Re-fetch everything, as after a reconnect."""
        await self._rereading.fetch(self.replica.reads_for(self.replica.state.guilds))


async def differences(client: Client, *, in_order: bool = True) -> list[str]:
    """The slices in which a client differs from a snapshot of its own."""
    held, fresh = [
        one if in_order else _without_order(one)
        for one in (compared(client.replica), compared(await client.snapshot()))
    ]
    return [name for name in held if held[name] != fresh[name]]


def _without_order(shown: dict[str, Any]) -> dict[str, Any]:
    channels = {guild_id: sorted(listed, key=str) for guild_id, listed in shown["channels"].items()}
    return {**shown, "channels": channels}


async def tell_apart(client: Client, served: Revision) -> list[str]:
    """Check what a client holds; returns what a former one held wrong until it fetched again (10.2)."""
    if not isinstance(client, FormerClient):
        assert await differences(client) == []
        return []
    # Reorders came with revision 2, overrides under the former name go on in the migration window.
    stale = await differences(client, in_order=served is Revision.ONE)
    if served is not Revision.TWO:
        assert stale == []
    await client.read_again()
    assert await differences(client) == []
    return stale


async def shut_out(owner: Person, former: Person, room: Room) -> None:
    """Cause one event of each later name for overrides; by the second of them `former` loses the room."""
    subject = {"allow": [], "deny": ["publish_video"]}
    assert (await owner.post(f"{room.channel}/overrides/member", subject)).status_code == 200
    target = f"{room.channel}/permission-overrides/member/{former.user_id}"
    assert (await owner.post(target, NOBODY)).status_code == 200


@pytest.mark.parametrize("served", Revision)
@pytest.mark.witnesses("COMPAT-4", "CLIENT-6")
async def test_clients_of_both_revisions_are_served_by_servers_of_each(served: Revision) -> None:
    async with running(without=frozenset(), limits=LIMITS, revision=served) as server:
        people = [server.person(name) for name in ("ana", "ben", "cat", "dan")]
        room = server.room(*people)
        kinds = (Client, FormerClient, Client, FormerClient)
        clients = [await kind.opened(person) for kind, person in zip(kinds, people, strict=True)]
        for client in clients:
            await client.subscribe(room.guild_id, room.channel_id)
        await shut_out(people[0], people[1], room)
        for client in clients:
            await client.catch_up()
        stale = [name for client in clients for name in await tell_apart(client, served)]
        # Only where nobody tells of overrides under their former name is there something to catch up with.
        assert bool(stale) == (served is Revision.TWO)
        passed_over = [one.passed_over for one in clients if isinstance(one, FormerClient)]
        assert (passed_over[0] >= SPLIT) == (served is not Revision.ONE)
        program = Program(1, people, room)
        done = 0
        for number, (person, (method, path, body)) in enumerate(program.steps(STEPS), 1):
            answer = await person.call(method, path, body)
            assert answer.status_code in (200, 204, 400, 403, 404, 405, 409, 415), (method, path, answer.text)
            done += answer.is_success
            client = clients[number % len(clients)]
            if not client.replica.live or program.one_of_ten():
                await client.subscribe(room.guild_id, program.channel_id())
            if number % EVERY == 0:
                for one in clients:
                    await one.catch_up()
                for one in clients:
                    await tell_apart(one, served)
        assert done > STEPS / 5
        assert all(passed_over) == (served is not Revision.ONE)
