"""Plays a program on a stage. It asserts nothing: judges judge."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations import (
    OPERATIONS,
    BanAddressesOf,
    CreateGuild,
    CreateMessage,
    EditMessage,
    ListRoles,
    Operation,
    Search,
    UpdateProfile,
    UploadAttachment,
)
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.model.access import is_owner, may_access
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.banned_connections import without_cut
from sync_check.conformance.model.ip_bans import standing_at
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.model.world import Guild
from sync_check.harness.caller import Canary, Reply
from sync_check.harness.client import Client, Connection
from sync_check.harness.concurrency import all_done
from sync_check.harness.explorer import moves, oddities, outages, program
from sync_check.harness.explorer.bounds import bounds_of, makes_more
from sync_check.harness.explorer.filling import Filling
from sync_check.harness.explorer.lagging import can_lag, lag
from sync_check.harness.explorer.offending import Offending
from sync_check.harness.explorer.program import ALONE, ON_SESSIONS, REFERENCE, SECRET, Program, Step
from sync_check.harness.explorer.sessions import Sessions
from sync_check.harness.explorer.spare import Spares
from sync_check.harness.room import File, Place, Room
from sync_check.harness.stage import Stage

NOBODY: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""What stands for an id that a refused step did not make: well-formed, and of nothing."""
_MOST_CONNECTIONS: Final = 3
_UNDER_WAY_S: Final = 2.0
"""By then what was caused before has arrived: more than the windows of contract 0.4."""
_SEEDS: Final[Mapping[str, str]] = {
    "workspace_owner": "owner",
    "moderator": "moderator",
    "member": "member",
    "@everyone": "everyone",
}
_MADE: Final = (
    *("message_id", "attachment_id", "channel_id", "role_id", "request_id", "ban_id"),
    "guild_id",
)
"""The member of an answer that is the id of what was made: the first one, for places are named besides."""


class Player:
    """One program on one stage. `ledger` folds the same run: what is waited for is what is due by it."""

    def __init__(self, stage: Stage, played: Program, ledger: Ledger) -> None:
        self._stage = stage
        self._program = played
        self._ledger = ledger
        self._bound: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._people: dict[str, Client] = {}
        self._sessions = Sessions(stage, self._people, self._username)
        self._spares = Spares(stage.company)
        self._offending = Offending(stage)
        self._room: Room
        self._followed = 0

    async def play(self) -> None:
        """Set the scene, then all steps; whatever is answered, the next step is played."""
        await self._set_up()
        for group in _groups(self._program.steps):
            if len(group) > 1:
                await all_done(self._operate(step) for step in group)
                await self._tell_apart()
            else:
                await self._step(group[0])
            await self._keep_up()
        self._resume(*self._people.values())
        await self._spares.close()
        await self._offending.outlast()

    async def _set_up(self) -> None:
        played, stage = self._program, self._stage
        names = tuple(f"c{number}" for number in range(played.channels))
        self._room = room = await stage.workspace(names)
        if any(step.do == moves.VANISH for step in played.steps):
            stage.open_network()
        stage.clients = played.members
        members = await stage.cast(room)
        self._people |= {f"u{number}": client for number, client in enumerate(members)}
        for number in range(played.strangers):
            self._people[f"s{number}"] = await stage.stranger()
        self._bound = {"g": room.guild_id, **room.channels}
        self._bound |= {name: client.user_id for name, client in self._people.items()}
        if Feature.ROLES in stage.company.target.features:
            await self._learn_roles(members[0])
        self._followed = self._ledger.timeline.newest
        # From here on channels come and go by id.
        room.channels = {channel_id: channel_id for channel_id in room.channels.values()}

    async def _learn_roles(self, owner: Client) -> None:
        reply = await self._stage.do(owner, ListRoles(guild_id=self._room.guild_id))
        listed = reply.body.get("roles")
        for role in listed if isinstance(listed, list) else []:
            name = _SEEDS.get(str(role.get("name"))) if isinstance(role, dict) else None
            if name is not None:
                self._bound[name] = str(role.get("role_id"))

    async def _tell_apart(self) -> None:
        """Find out who of two at once came last, where no event told yet: nobody could go on without."""
        for client in self._people.values():
            if self._ledger.is_racing and any(
                connection.is_open and connection.subscriptions for connection in client.connections
            ):
                self._resume(client)
                await self._stage.fence(client)

    @property
    def _guild(self) -> Guild | None:
        return self._ledger.timeline.present.guilds.get(self._room.guild_id)

    # --- steps

    async def _step(self, step: Step) -> None:
        client = self._people[step.by]
        match step.do:
            case program.CONNECT:
                await self._connect(client, int(step.args.get("session", 1)))
            case program.DISCONNECT | program.CUT:
                await self._part(client, step.do)
            case program.STALL:
                await self._stall(client)
            case program.RESUME:
                self._resume(client)
            case program.SUBSCRIBE:
                await self._subscribe(client, self._resolved(step.args.get("channel_id", "")))
            case program.SAY:
                await self._say(client, step)
            case program.LAG:
                await self._lag(client, step)
            case program.SETTLE | program.PAUSE | program.LEAP:
                await self._pass(step)
            case _ if step.do in ON_SESSIONS:
                self._resume(client)
                await self._sessions.operate(client, step.do, step.args)
            case _ if step.do in moves.MOVES:
                await self._move(client, step)
            case _ if step.do in oddities.ODDITIES:
                await self._offend(client, step)
            case _:
                await self._operate(step)

    async def _move(self, client: Client, step: Step) -> None:
        if step.do in moves.ON_SPARE:
            await self._spares.play(client, step)
        else:
            self._resume(*self._people.values())
            await self._offending.outlast()
            await outages.befall(self._stage, client, step, self._people.values())

    # --- connections and time

    async def _connect(self, client: Client, session: int) -> None:
        if sum(connection.is_open for connection in client.connections) < _MOST_CONNECTIONS:
            await client.open(session=session)

    async def _part(self, client: Client, do: str) -> None:
        if client.connections:
            await (client.close() if do == program.DISCONNECT else client.cut())

    async def _stall(self, client: Client) -> None:
        for connection in client.connections[-1:]:
            # What was said there is waited for, which would be in vain.
            await connection.bound()
            connection.stall()

    def _resume(self, *clients: Client) -> None:
        for client in clients:
            for connection in client.connections:
                connection.resume()

    async def _pass(self, step: Step) -> None:
        """Let everybody rest, or time pass: who takes nothing would miss it, or be taken for dead."""
        self._resume(*self._people.values())
        await self._offending.outlast()
        seconds = float(step.args.get("seconds", 0))
        company = self._stage.company
        if step.do == program.SETTLE:
            await self._stage.settle()
        elif step.do == program.PAUSE:
            await company.pace.pause(seconds, "program")
        elif company.clock.leap is not None:
            # What is under way arrives before, and who is gone is found out: a leap is no end of patience.
            await company.pace.pause(_UNDER_WAY_S, "program")
            await outages.found_out(company)
            company.pace.spend(seconds)
            company.clock.leap(seconds)

    async def _subscribe(self, client: Client, channel_id: Any) -> None:
        """A refused subscribe is silent, so only one that is due is waited for."""
        self._resume(client)
        place = Place(guild_id=self._room.guild_id, channel_id=str(channel_id))
        has_access = may_access(self._guild, place.channel_id, client.user_id)
        for connection in client.connections:
            if not connection.is_open:
                continue
            if not has_access or self._standing(client) is ShutOut.PERHAPS:
                connection.ask(place)
            elif self._standing(client) is ShutOut.SURELY:
                connection.ask(place)
                await connection.over()
            else:
                await connection.subscribe(place)

    def _standing(self, client: Client) -> ShutOut:
        """Whether an IP ban shuts somebody out just now."""
        guild, now = self._guild, self._stage.company.clock.now_us()
        if guild is None or is_owner(guild, client.user_id):
            return ShutOut.NO
        return standing_at(guild, self._ledger.addresses.get(client.name), now, now)

    async def _say(self, client: Client, step: Step) -> None:
        """Speak by command; without access, or from a banned address, that ends the connection (BAD-7)."""
        self._resume(client)
        connection = next((one for one in client.connections if one.is_open), None)
        if connection is None:
            return
        place = Place(
            guild_id=self._room.guild_id, channel_id=str(self._resolved(step.args.get("channel_id", "")))
        )
        permitted = may_access(self._guild, place.channel_id, client.user_id)
        refused = not permitted or self._standing(client) is ShutOut.SURELY
        text = str(step.args.get("content", "")).removeprefix(SECRET)
        await self._stage.say(
            client, place, text, connection=client.connections.index(connection), refused=refused
        )

    async def _lag(self, client: Client, step: Step) -> None:
        """Somebody who hears a channel takes nothing for a while, and then hears what they heard before."""
        self._resume(*self._people.values())
        place = Place(
            guild_id=self._room.guild_id, channel_id=str(self._resolved(step.args.get("channel_id", "")))
        )
        inside = [one for one in self._room.members if self._is_inside(one, place)]
        if client in inside and self._room.owner in inside and can_lag(self._stage, self._room, client):
            heard = {channel for one in client.connections for channel in one.subscriptions}
            inside.remove(client)
            await lag(self._stage, self._room, place, client, inside, step.args)
            if not client.is_connected:
                client.connections.clear()
                await client.open()
            for channel_id in sorted({place.channel_id} | heard):
                await self._subscribe(client, channel_id)

    def _is_inside(self, client: Client, place: Place) -> bool:
        has_access = may_access(self._guild, place.channel_id, client.user_id)
        return has_access and self._standing(client) is ShutOut.NO

    async def _offend(self, client: Client, step: Step) -> None:
        self._resume(client)
        channel_id = self._resolved(step.args.get("channel_id", ""))
        if step.do == oddities.PING:
            await self._offending.ping(client)
            await self._subscribe(client, channel_id)
            return
        place = Place(guild_id=self._room.guild_id, channel_id=str(channel_id))
        permitted = may_access(self._guild, place.channel_id, client.user_id)
        await self._offending.play(
            client,
            step,
            place,
            permitted=permitted and self._standing(client) is ShutOut.NO,
            owns=client is self._room.owner,
        )

    # --- operations

    async def _operate(self, step: Step) -> None:
        client = self._people[step.by]
        canaries: list[Canary] = []
        filling = self._filling(client)
        given = await self._filled(filling, step)
        if "username" in given:
            given["username"] = self._sessions.username(given["username"])
        if step.do == Search.name:
            given["q"] = self._word(str(given.get("q", "")))
        arguments = self._resolved(given, step.do, canaries)
        operation = _operation(step.do, arguments)
        if operation is None or not self._is_offered(operation):
            return
        if operation.feature is Feature.FRIENDS:
            for person in self._people.values():
                person.account.befriended = True
        if isinstance(operation, CreateMessage | EditMessage):
            self._room.words += (canary.text for canary in canaries)
        reply = await self._stage.do(client, operation, *canaries, refused=True)
        self._answered(reply.op)
        if step.makes is not None:
            self._bound[step.makes] = _made(reply)
        if reply.accepted:
            self._note(client, operation, reply)
            if isinstance(operation, CreateMessage | EditMessage) and canaries:
                self._words[_bare(step.makes or step.args.get("message_id", ""))] = canaries[0].text
        await filling.tidy()

    def _filling(self, client: Client) -> Filling:
        async def send(operation: Operation) -> Reply:
            reply = await self._stage.do(client, operation, refused=True)
            if reply.accepted:
                self._note(client, operation, reply)
            return reply

        return Filling(self._stage.company.target.limits, client.user_id, send)

    async def _filled(self, filling: Filling, step: Step) -> dict[str, Any]:
        """What a step says, written out where it lies at a limit."""
        if not bounds_of(step.args):
            return dict(step.args)
        place = self._resolved({name: step.args.get(name) for name in ("guild_id", "channel_id")})
        guild = self._ledger.timeline.present.guilds.get(str(place["guild_id"]))
        return await filling.fill(step.args, place, () if guild is None else guild.channels)

    def _word(self, text: str) -> str:
        """What to search for: in place of a message, the random word that it was last given."""
        return self._words.get(_bare(text), text) if text.startswith(REFERENCE) else text

    def _is_offered(self, operation: Operation) -> bool:
        """Where nobody has an address of their own, banning one would shut out everybody."""
        target = self._stage.company.target
        if isinstance(operation, BanAddressesOf) and not target.trusts_proxy:
            return False
        return operation.feature in (None, *target.features)

    def _note(self, client: Client, operation: Operation, reply: Reply) -> None:
        """What the harness has to know later, of its accounts and to read what there is."""
        if isinstance(operation, UpdateProfile) and operation.username is not None:
            client.account.username = operation.username
        elif isinstance(operation, CreateGuild):
            client.account.guilds.append(_made(reply))
        elif isinstance(operation, UploadAttachment):
            place = Place(guild_id=operation.guild_id, channel_id=operation.channel_id)
            self._room.files.append(File(place=place, attachment_id=_made(reply)))

    def _resolved(self, value: Any, do: str = "", canaries: list[Canary] | None = None) -> Any:
        """A value with ids in place of names, and secrets with their canaries."""
        if isinstance(value, str):
            if value.startswith(REFERENCE):
                return self._bound.get(value[1:], NOBODY)
            if value.startswith(SECRET) and canaries is not None:
                token = self._canary(value)
                canaries.append(Canary(text=token, what=_KINDS.get(do, "message")))
                return f"{value[1:]} {token}"
            return value
        if isinstance(value, Mapping):
            return {name: self._resolved(part, do, canaries) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._resolved(part, do, canaries) for part in value]
        return value

    def _answered(self, _op: int) -> None:
        """Take note of the operation that a step was."""

    def _canary(self, _text: str) -> str:
        """What is put behind a secret text."""
        return self._stage.company.canary()

    def _username(self, _text: str) -> str:
        """A username that nobody has."""
        randomness = self._stage.company.randomness
        return randomness.username(randomness.stream("usernames"))

    # --- who is where

    async def _keep_up(self) -> None:
        """Let the room follow the world: who is in, which channels there are, who still hears them.

        Whoever lost the access on the way hears nothing any more, even with the access back (ACCESS-6).
        """
        # What has come and waits to be written down counts.
        self._stage.company.journal.flush()
        room, guild, timeline = self._room, self._guild, self._ledger.timeline
        states = timeline.guilds(room.guild_id, Span(first=self._followed, last=timeline.newest))
        self._followed = timeline.newest
        if guild is None:
            return
        room.channels = {channel_id: channel_id for channel_id in guild.channels}
        people = list(self._people.values())
        room.members = [client for client in people if client.user_id in guild.members]
        for client in people:
            if client not in room.members:
                client.account.visiting.pop(room.guild_id, None)
            elif client is not room.owner:
                client.account.visiting[room.guild_id] = room.owner.account
            for connection in client.connections:
                held = frozenset(
                    channel
                    for channel in connection.subscriptions
                    if all(may_access(state, channel, client.user_id) for state in states)
                )
                connection.subscriptions = self._uncut(connection, held) if guild.ip_bans else held

    def _uncut(self, connection: Connection, held: frozenset[str]) -> frozenset[str]:
        """Those channels whose subscription no IP ban can have ended."""
        timeline = self._ledger.timeline
        known = self._ledger.connections[connection.id]
        kept = without_cut(timeline, known, self._room.guild_id, timeline.newest)
        return held & {lease.channel_id for lease in kept.leases if lease.confirmed is not None}


_KINDS: Final[Mapping[str, str]] = {
    "create_channel": "channel_name",
    "update_channel": "channel_name",
    "update_guild": "guild_name",
    "create_guild": "guild_name",
}


def _groups(steps: tuple[Step, ...]) -> list[list[Step]]:
    """Steps that are sent together."""
    groups: list[list[Step]] = []
    for step in steps:
        together = step.beside and groups and not _is_alone(step)
        if together and not _is_alone(groups[-1][-1]):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _is_alone(step: Step) -> bool:
    return step.do in ALONE or makes_more(step.args)


def _operation(name: str, arguments: Mapping[str, Any]) -> Operation | None:
    """The operation as a value; None for arguments that no operation can have."""
    kind = OPERATIONS.get(name)
    if kind is None:
        return None
    try:
        # As JSON, so that bytes are read from base64.
        return kind.model_validate_json(json.dumps(arguments))
    except ValidationError:
        return None


def _bare(name: Any) -> str:
    """A name without the mark of a reference."""
    return str(name).removeprefix(REFERENCE)


def _made(reply: Reply) -> str:
    value = next((reply.body[name] for name in _MADE if isinstance(reply.body.get(name), str)), None)
    if value is None:
        value = next(iter(reply.body.get("ban_ids") or ()), None)
    return NOBODY if value is None else str(value)
