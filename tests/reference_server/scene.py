"""A guild with everything in it that an endpoint can name, and a person for each standing."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from websockets.protocol import State

from sync_check.conformance.contract.events import ProfileChanges, ProfileUpdate
from sync_check.reference_server.content import Attachment
from sync_check.reference_server.guild import Channel, Guild, IpBan, Role
from sync_check.reference_server.store import FriendRequest, Image
from sync_check.reference_server.voice import attendance
from tests.reference_server.running import PASSWORD, Gateway, Person, Room, Running

UNKNOWN: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
STANDINGS: Final = ("owner", "moderator", "member", "stranger", "anonymous")
OTHERS: Final = ("target", "newcomer", "pal")
PIXEL: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "0000000500015ef3d5270000000049454e44ae426082"
)
"""The smallest PNG."""
ADDRESS: Final = "203.0.113.9"
_CLOSE_S: Final = 5
_FENCE: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAW"
_FENCE_EVENT: Final = ProfileUpdate(
    user_id=_FENCE, updated_fields=ProfileChanges(username="fence"), updated_at_unix=1
)


@dataclass(kw_only=True)
class Scene:
    """`target` is a further member, who wrote a message; `newcomer` is a user who is no member; `pal` is
    everybody's friend. Each has one connection, those of members subscribed.
    """

    server: Running
    caller: Person | None
    people: dict[str, Person]
    room: Room
    guild: Guild
    ids: dict[str, str]
    ears: dict[str, Gateway] = field(default_factory=dict)

    async def call(self, method: str, path: str, sends: Any) -> httpx.Response:
        """Let the caller ask; `sends` is a JSON body, the bytes of a PNG, or nothing."""
        headers = {} if self.caller is None else dict(self.caller.headers)
        content = sends if isinstance(sends, bytes) else None
        if content is not None:
            headers["content-type"] = "image/png"
        elif sends is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(_filled(sends, self.ids)).encode()
        url = path.format_map(self.ids)
        return await self.server.http.request(method, url, content=content, headers=headers)

    async def heard(self) -> dict[str, list[str]]:
        """The names of the events that each person has got since the last time."""
        for connection in self.server.backend.connections.all():
            self.server.backend.fanout.to_connection(_FENCE_EVENT, connection)
        return {name: await _until_fence(ear) for name, ear in self.ears.items()}

    async def heard_after_commands(self) -> dict[str, list[str]]:
        """As `heard`, after the server has carried out every command sent so far."""
        for ear in self.ears.values():
            await (await ear.socket.ping())  # frames of a connection are taken in their order
        return await self.heard()

    def audience(self, who: str) -> set[str]:
        """Members, channel, caller, … as people: a list of their names, or of groups of them."""
        groups = {
            "members": ("owner", "moderator", "member", "target"),
            "managers": ("owner", "moderator"),
            "caller": [name for name, person in self.people.items() if person is self.caller],
        }
        return {name for word in who.split() for name in groups.get(word, (word,))}


async def drain(ear: Gateway) -> list[str]:
    """The frames of what has been enqueued for a connection so far, by a fence behind it.

    The person must have no other connection.
    """
    backend = ear.person.server.backend
    for connection in backend.connections.of_user(ear.person.user_id):
        backend.fanout.to_connection(_FENCE_EVENT, connection)
    frames = []
    while _FENCE not in (frame := await ear.raw()):
        frames.append(frame)
    return frames


async def stage(
    server: Running,
    people: dict[str, Person],
    standing: str,
    *,
    listening: bool = True,
    before: Scene | None = None,
) -> Scene:
    """Build a scene for a caller of this standing, and connect everybody who is not since `before`."""
    caller = people.get(standing)
    room = server.room(*(people[name] for name in ("owner", "moderator", "member", "target")))
    guild = server.backend.store.guilds[room.guild_id]
    guild.add_member(people["moderator"].user_id, "moderator")
    scene = Scene(server=server, caller=caller, people=people, room=room, guild=guild, ids={})
    _fill(scene)
    message = await people["target"].say(room, "first words")
    scene.ids["message"] = message["message_id"]
    if caller is not None:
        channel = guild.channels[room.channel_id]
        channel.messages[message["message_id"]].reactions["done"] = {caller.user_id: None}
    if listening:
        await _connect(scene, {} if before is None else before.ears)
    return scene


def person_for_each(server: Running) -> dict[str, Person]:
    people = {name: server.person(name) for name in (*STANDINGS[:4], *OTHERS)}
    for name, person in people.items():
        if name != "pal":
            server.backend.store.users[person.user_id].friends[people["pal"].user_id] = 1
            server.backend.store.users[people["pal"].user_id].friends[person.user_id] = 1
    server.backend.store.users[people["target"].user_id].avatar = Image(mime_type="image/png", data=PIXEL)
    server.backend.store.users[people["target"].user_id].banner = Image(mime_type="image/png", data=PIXEL)
    return people


def join_voice(scene: Scene) -> None:
    """Let the caller be in the channel's call, if a member."""
    if scene.caller is not None and scene.caller.user_id in scene.guild.members:
        channel = scene.guild.channels[scene.room.channel_id]
        attendance.enter(scene.server.backend, scene.guild, channel, scene.caller.user_id, ["microphone"])


def publish(scene: Scene) -> None:
    """Put the guild into the directory."""
    scene.guild.visibility = "public"


def bind(scene: Scene) -> None:
    """Bind the attachment to the message."""
    channel = scene.guild.channels[scene.room.channel_id]
    attachment = channel.attachments[scene.ids["attachment"]]
    attachment.message_id = scene.ids["message"]
    channel.messages[scene.ids["message"]].attachments.append(attachment)


def _fill(scene: Scene) -> None:
    ids, guild, people = scene.server.backend.ids, scene.guild, scene.people
    target = people["target"].user_id
    crew, held = [
        Role(role_id=ids.role(), name=n, position=5, permissions=frozenset()) for n in ("crew", "held")
    ]
    guild.roles |= {crew.role_id: crew, held.role_id: held}
    guild.members[target].role_ids[held.role_id] = None
    other = Channel(channel_id=ids.channel(), name="other", kind="voice")
    guild.channels[other.channel_id] = other
    banned = UNKNOWN[:-1] + "B"
    guild.banned[banned] = None
    ban = IpBan(
        ban_id=ids.ban(),
        address=ADDRESS,
        source_user_id=target,
        reason=None,
        created_at_unix=1,
        expires_at_unix=None,
    )
    guild.ip_bans[ban.ban_id] = ban
    guild.observed_addresses[target] = {ADDRESS: None}
    attachment = _attached(scene)
    scene.ids |= {
        "guild": guild.guild_id,
        "channel": scene.room.channel_id,
        "other": other.channel_id,
        "target": target,
        "newcomer": people["newcomer"].user_id,
        "pal": people["pal"].user_id,
        "unknown": UNKNOWN,
        "crew": crew.role_id,
        "held": held.role_id,
        "banned": banned,
        "ban": ban.ban_id,
        "attachment": attachment.attachment_id,
        **_own(scene),
    }


def _attached(scene: Scene) -> Attachment:
    attachment = Attachment(
        attachment_id=scene.server.backend.ids.attachment(),
        guild_id=scene.guild.guild_id,
        channel_id=scene.room.channel_id,
        owner_id=scene.people["target"].user_id,
        filename="pixel.png",
        mime_type="image/png",
        data=PIXEL,
        sha256_hex="0" * 64,
    )
    scene.guild.channels[scene.room.channel_id].attachments[attachment.attachment_id] = attachment
    scene.server.backend.store.users[attachment.owner_id].attachment_bytes += len(PIXEL)
    return attachment


def _own(scene: Scene) -> dict[str, str]:
    """What belongs to the caller: a session, a message, friend requests in both directions."""
    backend, target = scene.server.backend, scene.people["target"].user_id
    backend.store.friend_requests.clear()
    if scene.caller is None:
        session = backend.accounts.login("owner", PASSWORD)
        return {"username": "owner", "refresh": session.refresh_token, "received": UNKNOWN, "sent": UNKNOWN}
    own = backend.store.users[scene.caller.user_id]
    received, sent = [
        FriendRequest(
            request_id=backend.ids.friend_request(), sender_id=one, recipient_id=other, created_at_unix=1
        )
        for one, other in ((target, own.user_id), (own.user_id, target))
    ]
    backend.store.friend_requests |= {received.request_id: received, sent.request_id: sent}
    session = backend.accounts.login(own.username, PASSWORD)
    return {
        "username": own.username,
        "refresh": session.refresh_token,
        "received": received.request_id,
        "sent": sent.request_id,
    }


async def _connect(scene: Scene, connected: Mapping[str, Gateway]) -> None:
    members = scene.audience("members")
    for name, person in scene.people.items():
        room = scene.room if name in members else None
        ear = connected.get(name)
        if ear is None or ear.socket.state is not State.OPEN:
            ear = await person.connect(room)
        elif room is not None:
            await ear.subscribe(room)
        scene.ears[name] = ear
    await scene.heard()


async def _until_fence(ear: Gateway) -> list[str]:
    names = []
    while (event := await ear.next())[1].get("user_id") != _FENCE:
        names.append(event[0])
        for moment in _moments(event[1]):
            assert abs(ear.person.server.backend.clock.wall() - moment) <= _CLOSE_S  # ENV-10
    return names


def _moments(value: Any) -> Iterator[int]:
    """Every field ending in `_unix`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name.endswith("_unix"):
                yield inner
            yield from _moments(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _moments(inner)


def _filled(body: Any, ids: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    return body.format_map(ids) if isinstance(body, str) else body
