"""Random operations by users of all ranks, played on a company, and what the judges say of it.

What exists is taken from the model's own world, so that most of what is drawn can be done; nothing is looked
up in the server.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.world import Guild, World
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Level
from sync_check.harness.client import Client
from sync_check.harness.concurrency import all_done
from sync_check.harness.room import Place, Room
from sync_check.harness.stage import Stage

UNKNOWN: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
MALFORMED: Final = "not-an-id"
_SETTLE_EVERY: Final = 40
Pair = tuple[tuple[Client, ops.Operation], tuple[Client, ops.Operation]]
"""Two operations, each with who asks for it."""


def faults_of(result: ScenarioResult) -> list[Finding]:
    """The findings that weigh: not those that the contract itself is the cause of (CLIENT-10)."""
    return [finding for finding in result.findings if finding.level is not Level.INFO]


@dataclass(kw_only=True)
class Explorer:
    """Draws and plays operations in two guilds. `ledger` folds the records of the same run."""

    stage: Stage
    ledger: Ledger
    seed: int
    crowd: float = 0.0
    """How often two operations are sent at once."""
    rooms: list[Room] = field(default_factory=list)
    people: list[Client] = field(default_factory=list)
    _names: int = 0

    def __post_init__(self) -> None:
        self._random = self.stage.company.randomness.stream(f"explorer/{self.seed}")

    # --- the run

    async def play(self, count: int) -> None:
        """So many operations, with a settle from time to time."""
        room = await self.stage.workspace(("general", "other"))
        members = await self.stage.cast(room)
        self.rooms, self.people = [room], [*members, await self.stage.stranger()]
        for client in members:
            await self._do(client, ops.ListRoles(guild_id=room.guild_id))
        for number in range(count):
            if number % _SETTLE_EVERY == _SETTLE_EVERY - 1:
                await self.stage.settle()
            actor = self._random.choice([*self.people, *self.people[:1] * 3])
            if self._random.random() < self.crowd:
                pair = self._pair(actor)
                await all_done(self._do(client, operation) for client, operation in pair)
            else:
                await self._do(actor, self._draw(actor))
            await self._keep_up()

    async def _do(self, client: Client, operation: ops.Operation) -> None:
        await self.stage.do(client, operation, refused=True)

    def _pair(self, actor: Client) -> Pair:
        """What is sent at once."""
        rival = self._random.choice(self.people)
        return ((actor, self._draw(actor)), (rival, self._draw(rival)))

    async def _keep_up(self) -> None:
        """Let the room follow the world: who is in, which channels there are, who still hears them."""
        for room in self.rooms:
            guild = self._world.guilds[room.guild_id]
            room.channels = {channel_id: channel_id for channel_id in guild.channels}
            room.members = [client for client in self.people if client.user_id in guild.members]
            for client in self.people:
                for connection in client.connections:
                    held = (c for c in connection.subscriptions if may_access(guild, c, client.user_id))
                    connection.subscriptions = frozenset(held)
            await self._subscribe_somebody(room, guild)

    async def _subscribe_somebody(self, room: Room, guild: Guild) -> None:
        if self._random.random() > 0.3:
            return
        client = self._random.choice(self.people)
        open_to = [channel for channel in guild.channels if may_access(guild, channel, client.user_id)]
        for connection in client.connections:
            fresh = [channel for channel in open_to if channel not in connection.subscriptions]
            if fresh and connection.is_open:
                await connection.subscribe(
                    Place(guild_id=room.guild_id, channel_id=self._random.choice(fresh))
                )

    # --- what there is

    @property
    def _world(self) -> World:
        return self.ledger.timeline.present

    @property
    def _guild_id(self) -> str:
        return self.rooms[0].guild_id if self._random.random() < 0.95 else UNKNOWN

    @property
    def _guild(self) -> Guild:
        return self._world.guilds[self.rooms[0].guild_id]

    def _name(self) -> str:
        self._names += 1
        return f"name{self._names}"

    def _one(self, things: Sequence[str]) -> str:
        strange = self._random.random()
        if strange < 0.03 or not things:
            return UNKNOWN if strange < 0.02 else MALFORMED
        return self._random.choice(things)

    def _user(self) -> str:
        return self._one([client.user_id for client in self.people])

    def _channel(self) -> str:
        return self._one(list(self._guild.channels))

    def _role(self) -> str:
        return self._one([role.role_id for role in self._guild.roles.values() if role.role_id])

    def _message(self, channel_id: str) -> str:
        return self._one(list(self._world.messages_of(channel_id))[-3:])

    def _some(self, of: Sequence[str], most: int) -> list[str]:
        return self._random.sample(list(of), self._random.randint(0, min(most, len(of))))

    def _permissions(self, most: int) -> list[str]:
        strange = ["fly"] if self._random.random() < 0.02 else []
        return self._some(CANONICAL_ORDER, most) + strange

    # --- what can be done

    def _draw(self, actor: Client) -> ops.Operation:
        return self._random.choice(_DRAWS)(self, actor)

    def workspace(self, _: Client) -> ops.Operation:
        fields: dict[str, Any] = self._random.choice(
            [
                {"guild_name": self._name()},
                {"visibility": self._random.choice(["public", "private", "secret"])},
                {"guild_name": self._guild.name, "visibility": self._guild.visibility},
                {"guild_name": "x" * 65},
                {},
            ]
        )
        return ops.UpdateGuild(guild_id=self._guild_id, **fields)

    def channel(self, _: Client) -> ops.Operation:
        guild_id, channel_id = self._guild_id, self._channel()
        known = self._guild.channels.get(channel_id)
        kind = self._random.choice([None, "voice", "text", "video"])
        drawn: list[ops.Operation] = [
            ops.CreateChannel(guild_id=guild_id, channel_name=self._name(), kind=kind),
            ops.UpdateChannel(guild_id=guild_id, channel_id=channel_id, channel_name=self._name()),
            ops.UpdateChannel(
                guild_id=guild_id, channel_id=channel_id, channel_name=known.name if known else ""
            ),
            ops.ReorderChannels(guild_id=guild_id, channel_ids=self._some(list(self._guild.channels), 4)),
        ]
        if len(self._guild.channels) > 3:
            drawn.append(ops.DeleteChannel(guild_id=guild_id, channel_id=channel_id))
        return self._random.choice(drawn)

    def override(self, _: Client) -> ops.Operation:
        allow, deny = self._permissions(3), self._permissions(2)
        if self._random.random() < 0.25:
            allow, deny = [], []
        elif self._random.random() < 0.95:
            deny = [name for name in deny if name not in allow]
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        lists: dict[str, Any] = {"allow": allow, "deny": deny}
        kind = self._random.choice(["role", "role", "member", "member", "group"])
        target = self._role() if kind == "role" else self._user()
        return self._random.choice(
            [
                ops.OverrideRole(
                    **place, role=self._random.choice(["owner", "moderator", "member", "none"]), **lists
                ),
                ops.OverridePermission(**place, target_kind=kind, target_id=target, **lists),
                ops.OverridePermission(**place, target_kind=kind, target_id=target, **lists),
            ]
        )

    def hide(self, _: Client) -> ops.Operation:
        """Access given and taken, which random lists seldom do."""
        role = self._random.choice(list(self._guild.roles.values()))
        target = self._random.choice(
            [("role", role.role_id or UNKNOWN), ("member", self._random.choice(self.people).user_id)]
        )
        lists = self._random.choice([(["create_message"], []), ([], ["create_message"]), ([], [])])
        return ops.OverridePermission(
            guild_id=self.rooms[0].guild_id,
            channel_id=self._channel(),
            target_kind=target[0],
            target_id=target[1],
            allow=lists[0],
            deny=lists[1],
        )

    def message(self, _: Client) -> ops.Operation:
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        message_id = self._message(place["channel_id"])
        content = self._random.choice([self._name(), self._name(), self._name(), "", "x" * 2001, "same"])
        return self._random.choice(
            [
                ops.CreateMessage(**place, content=content),
                ops.CreateMessage(**place, content=self._name()),
                ops.EditMessage(**place, message_id=message_id, content=content),
                ops.DeleteMessage(**place, message_id=message_id),
                ops.History(**place, limit=self._random.choice([None, 1, 2, 100, 0, 101])),
            ]
        )

    def role(self, _: Client) -> ops.Operation:
        guild_id, role_id = self._guild_id, self._role()
        color = self._random.choice([None, "#a1b2c3", "#A1B2C3", "red"])
        name = self._random.choice([self._name(), "moderator", " padded ", "@everyone", "x" * 33, ""])
        position = self._random.choice([None, None, 1, 5, 50, 99, 100, 101, 9999])
        drawn: list[ops.Operation] = [
            ops.CreateRole(
                guild_id=guild_id,
                role_name=name,
                permissions=self._permissions(3),
                position=position,
                **({} if color is None else {"color_hex": color}),
            ),
            ops.UpdateRole(guild_id=guild_id, role_id=role_id, role_name=name),
            ops.UpdateRole(guild_id=guild_id, role_id=role_id, permissions=self._permissions(4)),
            ops.UpdateRole(guild_id=guild_id, role_id=role_id, color_hex=color),
            ops.UpdateRole(guild_id=guild_id, role_id=role_id),
            ops.DeleteRole(guild_id=guild_id, role_id=role_id),
            ops.ReorderRoles(
                guild_id=guild_id,
                role_ids=self._some([r.role_id or "" for r in self._guild.roles.values()], 4),
            ),
            ops.SetDefaultRole(guild_id=guild_id, role_id=self._random.choice([None, role_id])),
            ops.ListRoles(guild_id=guild_id),
        ]
        return self._random.choice(drawn)

    def assignment(self, _: Client) -> ops.Operation:
        kind = self._random.choice([ops.AssignRole, ops.AssignRole, ops.UnassignRole])
        return kind(guild_id=self._guild_id, role_id=self._role(), user_id=self._user())

    def member(self, _: Client) -> ops.Operation:
        guild_id, user_id = self._guild_id, self._user()
        drawn: list[ops.Operation] = [
            ops.ChangeMemberRole(
                guild_id=guild_id,
                user_id=user_id,
                role=self._random.choice(["moderator", "moderator", "member", "owner", "king"]),
            ),
            ops.AddMember(guild_id=guild_id, user_id=user_id),
            ops.AddMember(guild_id=guild_id, user_id=user_id),
            ops.JoinGuild(guild_id=guild_id),
            ops.LiftBan(guild_id=guild_id, user_id=user_id),
            ops.ListMembers(guild_id=guild_id, limit=self._random.choice([None, 1, 200, 0, 201])),
        ]
        if self._random.random() < 0.4:
            drawn += [
                ops.KickMember(guild_id=guild_id, user_id=user_id),
                ops.BanMember(guild_id=guild_id, user_id=user_id),
                ops.LeaveGuild(guild_id=guild_id),
            ]
        return self._random.choice(drawn)

    def profile(self, actor: Client) -> ops.Operation:
        fields: dict[str, Any] = self._random.choice(
            [{"about_markdown": self._name()}, {"about_markdown": ""}, {"about_markdown": "x" * 2049}, {}]
        )
        return self._random.choice(
            [ops.UpdateProfile(**fields), ops.ReadProfile(user_id=self._user()), ops.OwnProfile()]
        )

    def read(self, _: Client) -> ops.Operation:
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        return self._random.choice(
            [
                ops.ListGuilds(),
                ops.ListChannels(guild_id=place["guild_id"]),
                ops.OwnPermissions(**place),
                ops.ListRoles(guild_id=place["guild_id"]),
                ops.ListMembers(guild_id=place["guild_id"]),
            ]
        )


_DRAWS: Final[Sequence[Callable[[Explorer, Client], ops.Operation]]] = (
    Explorer.workspace,
    Explorer.channel,
    Explorer.override,
    Explorer.hide,
    Explorer.hide,
    Explorer.message,
    Explorer.message,
    Explorer.message,
    Explorer.role,
    Explorer.role,
    Explorer.assignment,
    Explorer.assignment,
    Explorer.member,
    Explorer.member,
    Explorer.profile,
    Explorer.read,
)
