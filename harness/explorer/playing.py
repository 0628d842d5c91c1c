"""Plays a program on a stage. It asserts nothing: judges judge."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations import OPERATIONS, ListRoles, Operation
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.world import World
from sync_check.harness.caller import Canary, Reply
from sync_check.harness.client import Client
from sync_check.harness.concurrency import all_done
from sync_check.harness.explorer import program
from sync_check.harness.explorer.program import REFERENCE, SECRET, SPECIAL, Program, Step
from sync_check.harness.room import Place, Room
from sync_check.harness.stage import Stage

NOBODY: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""What stands for an id that a refused step did not make: well-formed, and of nothing."""
_MOST_CONNECTIONS: Final = 3
_SEEDS: Final[Mapping[str, str]] = {
    "workspace_owner": "owner",
    "moderator": "moderator",
    "member": "member",
    "@everyone": "everyone",
}
_MADE: Final = (
    *("message_id", "channel_id", "role_id", "request_id", "attachment_id", "ban_id"),
    "guild_id",
)
"""The member of an answer that is the id of what was made, the first that there is."""


class Player:
    """One program on one stage. `world` is what the model takes the state to be, so that fences fit it."""

    def __init__(self, stage: Stage, played: Program, world: Callable[[], World]) -> None:
        self._stage = stage
        self._program = played
        self._world = world
        self._bound: dict[str, str] = {}
        self._people: dict[str, Client] = {}
        self._room: Room

    async def play(self) -> None:
        """Set the scene, then all steps; whatever is answered, the next step is played."""
        await self._set_up()
        for group in _groups(self._program.steps):
            if len(group) > 1:
                await all_done(self._operate(step) for step in group)
            else:
                await self._step(group[0])
            await self._keep_up()

    async def _set_up(self) -> None:
        played, stage = self._program, self._stage
        names = tuple(f"c{number}" for number in range(played.channels))
        self._room = room = await stage.workspace(names)
        stage.clients = played.members
        members = await stage.cast(room)
        self._people = {f"u{number}": client for number, client in enumerate(members)}
        for number in range(played.strangers):
            self._people[f"s{number}"] = await stage.stranger()
        self._bound = {"g": room.guild_id, **room.channels}
        self._bound |= {name: client.user_id for name, client in self._people.items()}
        if Feature.ROLES in stage.company.target.features:
            await self._learn_roles(members[0])
        # From here on channels come and go by id.
        room.channels = {channel_id: channel_id for channel_id in room.channels.values()}

    async def _learn_roles(self, owner: Client) -> None:
        reply = await self._stage.do(owner, ListRoles(guild_id=self._room.guild_id))
        listed = reply.body.get("roles")
        for role in listed if isinstance(listed, list) else []:
            name = _SEEDS.get(str(role.get("name"))) if isinstance(role, dict) else None
            if name is not None:
                self._bound[name] = str(role.get("role_id"))

    # --- steps

    async def _step(self, step: Step) -> None:
        client = self._people[step.by]
        match step.do:
            case program.CONNECT:
                if len(client.connections) < _MOST_CONNECTIONS:
                    await client.open()
            case program.DISCONNECT:
                if client.connections:
                    await client.close()
            case program.SUBSCRIBE:
                await self._subscribe(client, self._resolved(step.args.get("channel_id", "")))
            case program.SAY:
                await self._say(client, step)
            case program.SETTLE:
                await self._stage.settle()
            case program.PAUSE:
                await self._stage.company.clock.pause(float(step.args.get("seconds", 0)), "program")
            case _:
                await self._operate(step)

    async def _subscribe(self, client: Client, channel_id: Any) -> None:
        """A refused subscribe is silent, so only one that is due is waited for."""
        guild = self._world().guilds.get(self._room.guild_id)
        place = Place(guild_id=self._room.guild_id, channel_id=str(channel_id))
        for connection in client.connections:
            if not connection.is_open:
                continue
            if may_access(guild, place.channel_id, client.user_id):
                await connection.subscribe(place)
            else:
                connection.ask(place)

    async def _say(self, client: Client, step: Step) -> None:
        """Speak by command; without access that ends the connection (BAD-7)."""
        connection = next((one for one in client.connections if one.is_open), None)
        if connection is None:
            return
        place = Place(
            guild_id=self._room.guild_id, channel_id=str(self._resolved(step.args.get("channel_id", "")))
        )
        guild = self._world().guilds.get(self._room.guild_id)
        permitted = may_access(guild, place.channel_id, client.user_id)
        text = str(step.args.get("content", "")).removeprefix(SECRET)
        await self._stage.say(
            client, place, text, connection=client.connections.index(connection), refused=not permitted
        )

    async def _operate(self, step: Step) -> None:
        client = self._people[step.by]
        canaries: list[Canary] = []
        arguments = self._resolved(dict(step.args), step.do, canaries)
        operation = _operation(step.do, arguments)
        if operation is None or operation.feature not in (None, *self._stage.company.target.features):
            return
        if operation.feature is Feature.FRIENDS:
            for person in self._people.values():
                person.account.befriended = True
        reply = await self._stage.do(client, operation, *canaries, refused=True)
        self._answered(reply.op)
        if step.makes is not None:
            self._bound[step.makes] = _made(reply)
        username = arguments.get("username")
        if step.do == "update_profile" and reply.accepted and username:
            client.account.username = str(username)

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

    # --- who is where

    async def _keep_up(self) -> None:
        """Let the room follow the world: who is in, which channels there are, who still hears them."""
        room, guild = self._room, self._world().guilds.get(self._room.guild_id)
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
                held = {c for c in connection.subscriptions if may_access(guild, c, client.user_id)}
                connection.subscriptions = held


_KINDS: Final[Mapping[str, str]] = {
    "create_channel": "channel_name",
    "update_channel": "channel_name",
    "update_guild": "guild_name",
}


def _groups(steps: tuple[Step, ...]) -> list[list[Step]]:
    """Steps that are sent together; special ones are always alone."""
    groups: list[list[Step]] = []
    for step in steps:
        together = step.beside and groups and step.do not in SPECIAL
        if together and groups[-1][-1].do not in SPECIAL:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


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


def _made(reply: Reply) -> str:
    value = next((reply.body[name] for name in _MADE if isinstance(reply.body.get(name), str)), None)
    if value is None:
        value = next(iter(reply.body.get("ban_ids") or ()), None)
    return NOBODY if value is None else str(value)
