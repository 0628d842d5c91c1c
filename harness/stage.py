"""What a scenario holds: the means to act. It offers nothing to assert with: judges judge."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Outcome, Purpose
from sync_check.harness.accounts import ANONYMOUS
from sync_check.harness.caller import Canary, Reply
from sync_check.harness.client import Client, Connection
from sync_check.harness.company import Company
from sync_check.harness.concurrency import all_done
from sync_check.harness.errors import ScenarioHalted
from sync_check.harness.faults.network import Network
from sync_check.harness.faults.toxics import BOTH, Direction, Toxic
from sync_check.harness.fence import Fence
from sync_check.harness.images import PNG, png
from sync_check.harness.intrusion import Intrusion
from sync_check.harness.outage import restart
from sync_check.harness.returning import come_back
from sync_check.harness.room import File, Note, Place, Room
from sync_check.harness.settle import Settle

GENERAL: Final = "general"
_CONNECTING: Final = 48
"""How many clients connect and read at a time: the others would wait for us, not for the target."""
TOLD_BUDGET_S: Final = 1.5
"""The presence window (contract 0.4) and half as much: a failure budget, what is in order takes no time."""


class Stage:
    """One scenario's view of the run. `clients` is how many simulated users to put on."""

    def __init__(self, company: Company, clients: int) -> None:
        self._company = company
        self.clients = clients
        self.rooms: list[Room] = []
        self._strangers: list[Client] = []

    @property
    def company(self) -> Company:
        """Everything that outlives the scenario."""
        return self._company

    def offers(self, feature: Feature) -> bool:
        """Whether the target has a feature that the scenario needs for one of its steps alone."""
        return feature in self._company.target.features

    # --- who is on

    async def workspace(self, channels: tuple[str, ...] = (GENERAL,), *, visibility: str = "private") -> Room:
        """A fresh guild with text channels, and its owner, who is not connected yet."""
        (owner,) = await self._company.enlist(1)
        name = self._company.canary()
        run_id = self._company.randomness.run_id()
        create = ops.CreateGuild(guild_name=f"room {name} {run_id}", visibility=visibility)
        reply = await self._setup(owner, create, Canary(text=name, what="guild_name"))
        room = Room(guild_id=_told(reply, "guild_id"), owner=owner, members=[owner])
        owner.account.guilds.append(room.guild_id)
        self.rooms.append(room)
        for channel in channels:
            await self._add_channel(room, channel)
        return room

    async def cast(self, room: Room) -> list[Client]:
        """The room's clients, members, connected and subscribed to all its channels; the owner comes first.

        The second one has two sessions, each with a connection of its own.
        """
        guests = await self._company.enlist(self.clients - 1)
        await all_done(self._invite(room, guest) for guest in guests)
        room.members += guests
        await all_done(
            (
                member.connect(room, sessions=2 if index == 1 else 1)
                for index, member in enumerate(room.members)
            ),
            at_once=_CONNECTING,
        )
        return list(room.members)

    async def guest(self, room: Room) -> Client:
        """One more member of the room, who is not connected yet."""
        (guest,) = await self._company.enlist(1)
        await self._invite(room, guest)
        room.members.append(guest)
        return guest

    async def stranger(self) -> Client:
        """A connected user who is entitled to nothing here."""
        client = await self._company.stranger()
        self._strangers.append(client)
        return client

    def word(self) -> str:
        """A fresh word that no text holds by chance; it is no secret."""
        return self._company.canary()

    # --- what they do

    async def post(self, author: Client, place: Place, text: str, *, files: Sequence[File] = ()) -> Note:
        """`author` writes `text`, with a canary in it, by REST, and binds `files`."""
        reply = await self._post(author, place, text, files)
        return Note(place=place, message_id=_told(reply, "message_id"))

    async def post_in_vain(
        self, author: Client, place: Place, text: str, *, files: Sequence[File] = ()
    ) -> None:
        """The same where the contract says no."""
        await self._post(author, place, text, files, refused=True)

    async def _post(
        self, author: Client, place: Place, text: str, files: Sequence[File], *, refused: bool = False
    ) -> Reply:
        content, canary = self._message(place, text)
        message = ops.CreateMessage(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            content=content,
            attachment_ids=[file.attachment_id for file in files] or None,
        )
        return await self.do(author, message, canary, refused=refused)

    async def say(
        self,
        author: Client,
        place: Place,
        text: str,
        *,
        files: Sequence[File] = (),
        connection: int = 0,
        refused: bool = False,
    ) -> str:
        """`author` writes `text`, with a canary in it and files, by command; returns the content as sent.

        It goes out on the author's `connection`, counted from 0, and is not waited for until something else
        is done: of what two clients do at once, nobody knows the order. One that is `refused` ends the
        connection, or so the contract says.
        """
        content, canary = self._message(place, text)
        speaking = author.connections[connection]
        await self._heard_out(besides=speaking)
        message = ops.SendMessage(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            content=content,
            attachment_ids=[file.attachment_id for file in files] or None,
        )
        speaking.say(message, canary)
        if refused:
            await speaking.over()
        return content

    async def find(self, reader: Client, place: Place, content: str) -> Note:
        """What somebody said, as `reader` finds it in the channel's history."""
        reply = await self.do(reader, ops.History(guild_id=place.guild_id, channel_id=place.channel_id))
        listed = reply.body.get("messages")
        for message in listed if isinstance(listed, list) else []:
            if isinstance(message, dict) and message.get("content") == content:
                return Note(place=place, message_id=str(message.get("message_id")))
        raise ScenarioHalted(f"what was said before op {reply.op} is not in the history")

    async def edit(self, editor: Client, note: Note, text: str, *, refused: bool = False) -> None:
        """`editor` replaces the text of `note`; `refused` where the contract says no."""
        content, canary = self._message(note.place, text)
        edit = ops.EditMessage(
            guild_id=note.place.guild_id,
            channel_id=note.place.channel_id,
            message_id=note.message_id,
            content=content,
        )
        await self.do(editor, edit, canary, refused=refused)

    async def delete(self, actor: Client, note: Note, *, refused: bool = False) -> None:
        """`actor` deletes `note`."""
        delete = ops.DeleteMessage(
            guild_id=note.place.guild_id, channel_id=note.place.channel_id, message_id=note.message_id
        )
        await self.do(actor, delete, refused=refused)

    async def react(self, actor: Client, note: Note, emoji: str, *, refused: bool = False) -> None:
        """`actor` reacts to `note` with `emoji`."""
        react = ops.AddReaction(
            guild_id=note.place.guild_id,
            channel_id=note.place.channel_id,
            message_id=note.message_id,
            emoji=emoji,
        )
        await self.do(actor, react, refused=refused)

    async def unreact(self, actor: Client, note: Note, emoji: str, *, refused: bool = False) -> None:
        """`actor` takes the own reaction with `emoji` back."""
        unreact = ops.RemoveReaction(
            guild_id=note.place.guild_id,
            channel_id=note.place.channel_id,
            message_id=note.message_id,
            emoji=emoji,
        )
        await self.do(actor, unreact, refused=refused)

    async def upload(self, actor: Client, place: Place, text: str) -> File:
        """`actor` uploads a picture whose name and comment hold `text` with a canary."""
        content, canary = self._private(text, "file")
        upload = ops.UploadAttachment(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            content_type=PNG,
            data=png(content),
            filename=f"{content}.png",
        )
        reply = await self.do(actor, upload, canary)
        file = File(place=place, attachment_id=_told(reply, "attachment_id"))
        self._room_of(place).files.append(file)
        return file

    async def upload_in_vain(
        self,
        actor: Client,
        place: Place,
        data: bytes,
        *,
        content_type: str = PNG,
        filename: str | None = None,
    ) -> None:
        """`actor` uploads these bytes, where the contract says no."""
        upload = ops.UploadAttachment(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            content_type=content_type,
            data=data,
            filename=filename,
        )
        await self.do(actor, upload, refused=True)

    async def fetch(self, client: Client | None, file: File, *, refused: bool = False) -> None:
        """`client` downloads `file`; without one it is asked for without authentication."""
        read = ops.ReadAttachment(
            guild_id=file.place.guild_id,
            channel_id=file.place.channel_id,
            attachment_id=file.attachment_id,
        )
        if client is None:
            await self._company.caller.call(ANONYMOUS, read, purpose=Purpose.SCENARIO)
        else:
            await self.do(client, read, refused=refused)

    async def discard(self, actor: Client, file: File, *, refused: bool = False) -> None:
        """`actor` deletes `file`."""
        delete = ops.DeleteAttachment(
            guild_id=file.place.guild_id,
            channel_id=file.place.channel_id,
            attachment_id=file.attachment_id,
        )
        await self.do(actor, delete, refused=refused)

    async def search(
        self,
        client: Client,
        room: Room,
        query: str,
        *,
        place: Place | None = None,
        limit: int | None = None,
        refused: bool = False,
    ) -> None:
        """`client` searches the workspace, or one channel of it."""
        channel_id = None if place is None else place.channel_id
        search = ops.Search(guild_id=room.guild_id, q=query, limit=limit, channel_id=channel_id)
        await self.do(client, search, refused=refused)

    async def rename(self, actor: Client, room: Room, text: str, *, refused: bool = False) -> str:
        """`actor` renames the workspace; returns the new name."""
        name, canary = self._private(text, "guild_name")
        rename = ops.UpdateGuild(guild_id=room.guild_id, guild_name=name)
        await self.do(actor, rename, canary, refused=refused)
        return name

    async def update_guild(
        self, actor: Client, room: Room, *, name: str | None = None, visibility: str | None = None
    ) -> None:
        """`actor` sets exactly these fields of the workspace."""
        await self.do(actor, ops.UpdateGuild(guild_id=room.guild_id, guild_name=name, visibility=visibility))

    async def change_role(
        self, actor: Client, room: Room, member: Client, role: str, *, refused: bool = False
    ) -> None:
        """`actor` gives `member` the legacy role `role`."""
        change = ops.ChangeMemberRole(guild_id=room.guild_id, user_id=member.user_id, role=role)
        await self.do(actor, change, refused=refused)

    async def kick(self, actor: Client, room: Room, member: Client, *, refused: bool = False) -> None:
        """`actor` removes `member`."""
        kick = ops.KickMember(guild_id=room.guild_id, user_id=member.user_id)
        await self.do(actor, kick, refused=refused)
        if not refused:
            self._lose(room, member)

    async def ban(self, actor: Client, room: Room, member: Client, *, refused: bool = False) -> None:
        """`actor` removes `member` and bars the way back."""
        ban = ops.BanMember(guild_id=room.guild_id, user_id=member.user_id)
        await self.do(actor, ban, refused=refused)
        if not refused and member in room.members:
            self._lose(room, member)

    async def lift(self, actor: Client, room: Room, banned: Client, *, refused: bool = False) -> None:
        """`actor` permits `banned` to come back."""
        lift = ops.LiftBan(guild_id=room.guild_id, user_id=banned.user_id)
        await self.do(actor, lift, refused=refused)

    async def leave(self, member: Client, room: Room, *, refused: bool = False) -> None:
        """`member` leaves."""
        await self.do(member, ops.LeaveGuild(guild_id=room.guild_id), refused=refused)
        if not refused:
            self._lose(room, member)

    async def add(self, actor: Client, room: Room, member: Client, *, refused: bool = False) -> None:
        """`actor` makes `member` a member (again)."""
        add = ops.AddMember(guild_id=room.guild_id, user_id=member.user_id)
        await self.do(actor, add, refused=refused)
        if not refused:
            self._gain(room, member)

    async def join(self, client: Client, room: Room, *, refused: bool = False) -> None:
        """`client` joins a public workspace."""
        await self.do(client, ops.JoinGuild(guild_id=room.guild_id), refused=refused)
        if not refused:
            self._gain(room, client)

    async def role_ids(self, client: Client, room: Room) -> dict[str, str]:
        """The ids of the workspace's roles by name, as `client` reads them."""
        reply = await self.do(client, ops.ListRoles(guild_id=room.guild_id))
        roles = reply.body.get("roles")
        listed = roles if isinstance(roles, list) else []
        return {str(role.get("name")): str(role.get("role_id")) for role in listed if isinstance(role, dict)}

    async def add_role(
        self, actor: Client, room: Room, *, permissions: Sequence[str] = (), position: int | None = None
    ) -> str:
        """`actor` makes a role of these permissions; returns its id."""
        name = self._company.token()
        create = ops.CreateRole(
            guild_id=room.guild_id, role_name=name, permissions=list(permissions), position=position
        )
        return _told(await self.do(actor, create), "role_id")

    async def add_channel(self, actor: Client, room: Room, name: str, *, kind: str | None = None) -> Place:
        """`actor` makes a channel, called `name` in the script; nobody is subscribed to it yet."""
        canary = self._company.canary()
        create = ops.CreateChannel(guild_id=room.guild_id, channel_name=f"{name}-{canary}", kind=kind)
        reply = await self.do(actor, create, Canary(text=canary, what="channel_name"))
        room.channels[name] = _told(reply, "channel_id")
        return room.channel(name)

    async def rename_channel(self, actor: Client, place: Place, text: str, *, refused: bool = False) -> str:
        """`actor` renames a channel; returns the new name."""
        canary = self._company.canary()
        name = f"{text}-{canary}"
        rename = ops.UpdateChannel(guild_id=place.guild_id, channel_id=place.channel_id, channel_name=name)
        await self.do(actor, rename, Canary(text=canary, what="channel_name"), refused=refused)
        return name

    async def override(
        self,
        actor: Client,
        place: Place,
        target: Client | str,
        *,
        allow: Sequence[str] = (),
        deny: Sequence[str] = (),
        refused: bool = False,
    ) -> None:
        """`actor` overrides, in a channel, what a member or the role with an id may do."""
        is_role = isinstance(target, str)
        override = ops.OverridePermission(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            target_kind="role" if is_role else "member",
            target_id=target if isinstance(target, str) else target.user_id,
            allow=list(allow),
            deny=list(deny),
        )
        await self.do(actor, override, refused=refused)

    async def intrusion(
        self, senders: Sequence[Client], place: Place, aside: Place | None = None
    ) -> Intrusion:
        """The means to have `senders` send, by turns, what no client should, as if to a channel.

        Where they only listen whether they are still connected, they do `aside`.
        """
        await self._heard_out()
        return Intrusion(self._company, senders, place, aside)

    # --- who hears what, as the script has it

    async def subscribe(self, client: Client, place: Place, *, refused: bool = False) -> None:
        """Every connection of `client` subscribes to a channel (again); `refused` where the contract says no.

        A refusal is silent: what is sent later on the same connection shows that there was one.
        """
        for connection in client.connections:
            if refused:
                connection.ask(place)
            else:
                await connection.subscribe(place)

    async def ping(self, client: Client, place: Place) -> None:
        """Every connection of `client` pings more often than it may send messages, and then subscribes again.

        Pings and pongs cost nothing of the ingress rate, so the subscribe to `place` is answered.
        """
        await self._heard_out()
        for connection in client.connections:
            await connection.ping(self._company.target.limits.ingress_frames + 1)
            if connection.is_open:
                await connection.subscribe(place)

    async def connect(self, client: Client, room: Room | None = None, *, session: int = 1) -> None:
        """`client` opens one more connection, in that session, and subscribes to all channels of a room."""
        await client.open(room, session=session)

    async def reconnect(self, client: Client, room: Room | None = None) -> None:
        """`client` replaces each connection that has ended by a new one, subscribed as at first.

        It subscribes again to the channels of `room` in which the script counted on the one before.
        """
        await come_back(client, room)

    async def disconnect(self, client: Client, room: Room, *, told: Sequence[str] = ()) -> None:
        """`client` closes its newest connection; whoever hears `room` must be told the events `told` of it.

        No fence bounds what the end of a connection causes, its window does. So the script goes on when
        everybody has been told, or when the window is over: who was not is for the judges to say.
        """
        async with self.telling(client, room, told):
            await client.close()

    @asynccontextmanager
    async def breaking(
        self,
        client: Client,
        room: Room,
        *toxics: Toxic,
        directions: Sequence[Direction] = BOTH,
        told: Sequence[str] = (),
    ) -> AsyncIterator[None]:
        """Put on a client's connections what ends them, at once or by what is done inside.

        Afterwards they have ended, and whoever hears `room` has been told the events `told` of it, as far as
        their windows go.
        """
        network = self._company.network
        assert network is not None
        async with self.telling(client, room, told):
            network.put(client, *toxics, directions=directions)
            yield
            await asyncio.gather(*(connection.over() for connection in client.connections))

    @asynccontextmanager
    async def telling(self, client: Client, room: Room, events: Sequence[str]) -> AsyncIterator[None]:
        """Afterwards wait until whoever hears `room`, but for `client`, has been told the events of it."""
        hearers = [
            connection
            for member in room.members
            for connection in member.connections
            if member is not client and connection.hears
        ]
        arrivals = [(one, one.watch(f'"{name}"', client.user_id)) for one in hearers for name in events]
        yield
        # Who has fallen off meanwhile is told of nothing.
        due = [arrival for hearer, arrival in arrivals if hearer.is_open]
        if due:
            await asyncio.wait(due, timeout=TOLD_BUDGET_S * self._company.target.time_scale)
        for _, arrival in arrivals:
            arrival.cancel()

    async def restart(self, *, killed: bool = False) -> None:
        """The target goes away and comes back; every connection has ended then.

        Whoever is entitled to nothing comes back at once, to go on listening; the others do when they want.
        """
        await restart(self._company, [*self._strangers, *self._company.parked], killed=killed)

    def open_network(self) -> Network:
        """A network that can be disturbed: connections that are opened from now on go through it."""
        network = self._company.network = Network(self._company)
        return network

    def shut_out(self, place: Place, *clients: Client) -> None:
        """By what was done, `clients` hear nothing of a channel until they subscribe again."""
        for client in clients:
            for connection in client.connections:
                connection.subscriptions -= {place.channel_id}

    def forget_channel(self, room: Room, name: str) -> None:
        """The channel of that script name is gone."""
        self.shut_out(room.channel(name), *room.members)
        del room.channels[name]

    def _lose(self, room: Room, member: Client) -> None:
        room.lose(member)
        member.account.visiting.pop(room.guild_id, None)

    def _gain(self, room: Room, member: Client) -> None:
        room.members.append(member)
        member.account.visiting[room.guild_id] = room.owner.account

    # --- what they try

    async def update_profile(
        self, client: Client, *, about: str | None = None, username: str | None = None
    ) -> None:
        """`client` changes its own profile (public: no canary)."""
        await self.do(client, ops.UpdateProfile(about_markdown=about, username=username))
        if username is not None:
            client.account.username = username

    async def upload_avatar(
        self, client: Client, data: bytes, *, content_type: str = PNG, refused: bool = False
    ) -> None:
        """`client` shows another picture of itself."""
        await self.do(client, ops.UploadAvatar(content_type=content_type, data=data), refused=refused)

    async def upload_banner(
        self, client: Client, data: bytes, *, content_type: str = PNG, refused: bool = False
    ) -> None:
        """`client` shows another banner."""
        await self.do(client, ops.UploadBanner(content_type=content_type, data=data), refused=refused)

    async def change_username(self, client: Client) -> None:
        """`client` takes a name that nobody has."""
        stream = self._company.randomness.stream(f"name/{client.name}")
        await self.update_profile(client, username=self._company.randomness.username(stream))

    async def ask_to_be_friends(self, sender: Client, recipient: Client, *, refused: bool = False) -> str:
        """`sender` asks `recipient` to be friends; returns the id of the request, none if it is refused."""
        sender.account.befriended = recipient.account.befriended = True
        request = ops.RequestFriend(recipient_user_id=recipient.user_id)
        reply = await self.do(sender, request, refused=refused)
        return "" if refused else _told(reply, "request_id")

    async def befriend(self, sender: Client, recipient: Client) -> None:
        """`sender` asks and `recipient` accepts."""
        request_id = await self.ask_to_be_friends(sender, recipient)
        await self.do(recipient, ops.AcceptFriend(request_id=request_id))

    async def peek(self, client: Client, room: Room) -> None:
        """`client`, who is no member, tries to read the room: a refusal on every surface."""
        await self.do(client, ops.ListChannels(guild_id=room.guild_id), refused=True)
        await self.do(client, ops.ListMembers(guild_id=room.guild_id), refused=True)
        for channel_id in room.channels.values():
            history = ops.History(guild_id=room.guild_id, channel_id=channel_id)
            await self.do(client, history, refused=True)

    async def do(
        self, client: Client, operation: ops.Operation, *canaries: Canary, refused: bool = False
    ) -> Reply:
        """Send any operation. Where the answer makes going on pointless the scenario halts.

        A refusal that was expected but not given is no reason to stop: the judges see it. Nor is an answer
        that leaves open whether the operation happened: they follow both ways.
        """
        await self._heard_out()
        reply = await self._company.call(client, operation, purpose=Purpose.SCENARIO, canaries=canaries)
        is_open = reply.answer.outcome is Outcome.UNKNOWN and reply.answer.status is not None
        if not (reply.accepted or refused or is_open):
            raise ScenarioHalted(_halted(client, operation, reply))
        return reply

    # --- proof

    async def settle(self) -> None:
        """Wait, by fences, until everything due has arrived; then compare replicas, snapshots and model."""
        await Settle(self._company, tuple(self.rooms)).run()

    async def fence(self, client: Client) -> None:
        """Wait until what was caused so far and is due to a client has arrived."""
        await Fence(self._company, (), (client,), ()).raise_and_wait()

    async def strike(self) -> None:
        """The scenario is over: whoever is entitled to nothing stays connected, the others go back clean."""
        members = {client for room in self.rooms for client in room.members}
        if self._company.network is not None:
            self._company.network.close()
            self._company.network = None
        leaving = list(self._company.playing)
        await all_done(self._company.dismiss(client, park=client not in members) for client in leaving)

    async def _heard_out(self, *, besides: Connection | None = None) -> None:
        """Wait until all that was said has taken effect, but for what was said on one connection."""
        speaking = [
            connection
            for client in self._company.playing
            for connection in client.connections
            if connection.has_spoken and connection is not besides
        ]
        await asyncio.gather(*(connection.bound() for connection in speaking))

    # --- set-up

    async def _add_channel(self, room: Room, name: str) -> None:
        canary = self._company.canary()
        create = ops.CreateChannel(guild_id=room.guild_id, channel_name=f"{name}-{canary}")
        reply = await self._setup(room.owner, create, Canary(text=canary, what="channel_name"))
        room.channels[name] = _told(reply, "channel_id")

    async def _invite(self, room: Room, guest: Client) -> None:
        await self._setup(room.owner, ops.AddMember(guild_id=room.guild_id, user_id=guest.user_id))
        guest.account.visiting[room.guild_id] = room.owner.account

    async def _setup(self, client: Client, operation: ops.Operation, *canaries: Canary) -> Reply:
        reply = await self._company.call(client, operation, purpose=Purpose.SETUP, canaries=canaries)
        if not reply.accepted:
            raise ScenarioHalted(_halted(client, operation, reply))
        return reply

    def _message(self, place: Place, text: str) -> tuple[str, Canary]:
        """The content of a message to `place`, which is then searched for as well."""
        content, canary = self._private(text, "message")
        self._room_of(place).words.append(canary.text)
        return content, canary

    def _room_of(self, place: Place) -> Room:
        return next(room for room in self.rooms if room.guild_id == place.guild_id)

    def _private(self, text: str, what: str) -> tuple[str, Canary]:
        token = self._company.canary()
        return f"{text} {token}", Canary(text=token, what=what)


def _told(reply: Reply, member: str) -> str:
    """What the target made up and the scenario cannot go on without."""
    value = reply.body.get(member)
    if not isinstance(value, str):
        raise ScenarioHalted(f"the answer to op {reply.op} holds no {member}")
    return value


def _halted(client: Client, operation: ops.Operation, reply: Reply) -> str:
    answer = "no answer" if reply.answer.status is None else f"status {reply.answer.status}"
    return f"{operation.name} by {client.name} got {answer}"
