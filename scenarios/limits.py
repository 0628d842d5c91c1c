"""Limits: what is at a limit passes and what is one beyond it does not, wherever input decides."""

from collections.abc import Callable

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.inputs.frames import FRAMES
from sync_check.conformance.contract.inputs.requests import REQUESTS
from sync_check.conformance.contract.limits import (
    AUDIT_PREFIX_CHARACTERS,
    DIRECTORY_QUERY_BYTES,
    FILENAME_BYTES,
    PASSWORD_BYTES,
    USERNAME_BYTES,
)
from sync_check.harness.client import Client
from sync_check.harness.hazards import Hazard
from sync_check.harness.images import PNG, png
from sync_check.harness.room import Note, Place, Room
from sync_check.harness.scenario import Needs, Tier
from sync_check.harness.sessions import Sessions
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)
_USUAL = 20
"""Bytes of a name or a password that is as any other."""
_MEASURED = ("LIMIT-1", "LIMIT-4")


async def _probe(stage: Stage, client: Client, limit: int, make: Callable[[int], ops.Operation]) -> None:
    """Ask for one less than a limit, for as much, and for one more."""
    for asked in (limit - 1, limit, limit + 1):
        await stage.do(client, make(asked), refused=asked > limit)


@scenario(
    "limits/sizes",
    covers=_MEASURED,
    features=_FEATURES,
    needs=Needs(operations=100, settles=1),
)
async def what_is_said_and_read_is_as_long_as_declared(stage: Stage) -> None:
    """Texts, names, lists, files of a message, and pages may be as long as declared, and not longer."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    note = await stage.post(ana, place, "to be edited, reacted to and found")
    await _messages(stage, ana, note)
    await _names(stage, owner, room)
    await _queries(stage, owner, ana, room)
    await _people(stage, ana)
    await _accounts(stage, ana)
    await _orders(stage, owner, room)
    await _pages(stage, owner, ana, place)
    if stage.offers(Feature.ATTACHMENTS):
        await _filenames(stage, ana, place)
        limit = stage.company.target.limits.attachments_per_message
        files = [await stage.upload(ana, place, "one of many") for _ in range(limit + 1)]
        await stage.post_in_vain(ana, place, "one too many", files=files)
        await stage.post(ana, place, "as many as may be", files=files[:limit])


async def _messages(stage: Stage, author: Client, note: Note) -> None:
    limits, guild_id, channel_id = stage.company.target.limits, note.place.guild_id, note.place.channel_id

    def content(size: int) -> str:
        return f"{stage.word()} ".ljust(size, "x")

    await _probe(
        stage,
        author,
        limits.message_bytes,
        lambda n: ops.CreateMessage(guild_id=guild_id, channel_id=channel_id, content=content(n)),
    )
    await _probe(
        stage,
        author,
        limits.message_bytes,
        lambda n: ops.EditMessage(
            guild_id=guild_id, channel_id=channel_id, message_id=note.message_id, content=content(n)
        ),
    )
    if stage.offers(Feature.REACTIONS):
        await _probe(
            stage,
            author,
            limits.emoji_characters,
            lambda n: ops.AddReaction(
                guild_id=guild_id, channel_id=channel_id, message_id=note.message_id, emoji="e" * n
            ),
        )


async def _names(stage: Stage, owner: Client, room: Room) -> None:
    limits, guild_id = stage.company.target.limits, room.guild_id
    await _probe(
        stage,
        owner,
        limits.channel_name_bytes,
        lambda n: ops.CreateChannel(guild_id=guild_id, channel_name=f"{stage.word()}-".ljust(n, "c")),
    )
    if stage.offers(Feature.WORKSPACE_UPDATE):
        await _probe(
            stage,
            owner,
            limits.guild_name_bytes,
            lambda n: ops.UpdateGuild(guild_id=guild_id, guild_name=f"{stage.word()} ".ljust(n, "g")),
        )
    if stage.offers(Feature.ROLES):
        await _probe(
            stage,
            owner,
            limits.role_name_bytes,
            lambda n: ops.CreateRole(guild_id=guild_id, role_name="r" * n, permissions=[]),
        )


async def _people(stage: Stage, client: Client) -> None:
    limits = stage.company.target.limits
    await _probe(stage, client, limits.lookup_users, lambda n: ops.LookUpUsers(user_ids=[client.user_id] * n))
    if stage.offers(Feature.PROFILE):
        await _probe(
            stage,
            client,
            limits.about_bytes,
            lambda n: ops.UpdateProfile(about_markdown=f"{stage.word()} ".ljust(n, "a")),
        )


async def _accounts(stage: Stage, client: Client) -> None:
    """Ask for accounts, of nobody, whose names and passwords are as short and as long as they may be."""
    sessions = Sessions(stage.company)
    for size in _around(PASSWORD_BYTES):
        await sessions.register(client, sessions.username(_USUAL), sessions.password(client, size))
    for size in _around(USERNAME_BYTES):
        await sessions.register(client, sessions.username(size), sessions.password(client, _USUAL))


def _around(sizes: range) -> tuple[int, ...]:
    """One below, at and one above either end."""
    return tuple(end + beside for end in (sizes[0], sizes[-1]) for beside in (-1, 0, 1))


async def _filenames(stage: Stage, client: Client, place: Place) -> None:
    data = png(stage.word())
    for size in _around(FILENAME_BYTES):
        upload = ops.UploadAttachment(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            content_type=PNG,
            data=data,
            filename="f" * size,
        )
        await stage.do(client, upload, refused=size not in FILENAME_BYTES)


async def _queries(stage: Stage, owner: Client, reader: Client, room: Room) -> None:
    if stage.offers(Feature.DIRECTORY):
        for size in _around(DIRECTORY_QUERY_BYTES)[1:]:
            await stage.do(
                reader, ops.ListPublicGuilds(q="q" * size), refused=size not in DIRECTORY_QUERY_BYTES
            )
    if stage.offers(Feature.AUDIT):
        for size in _around(AUDIT_PREFIX_CHARACTERS):
            read = ops.ReadAudit(guild_id=room.guild_id, action_prefix="p" * size)
            await stage.do(owner, read, refused=size not in AUDIT_PREFIX_CHARACTERS)


async def _orders(stage: Stage, owner: Client, room: Room) -> None:
    """Put nothing, and one thing, in order: of nothing there is no order."""
    guild_id, channel_id = room.guild_id, room.channel(GENERAL).channel_id
    if stage.offers(Feature.CHANNELS_REORDER):
        for channels in ([], [channel_id]):
            order = ops.ReorderChannels(guild_id=guild_id, channel_ids=channels)
            await stage.do(owner, order, refused=not channels)
    if stage.offers(Feature.ROLES):
        for roles in ([], [await stage.add_role(owner, room)]):
            await stage.do(owner, ops.ReorderRoles(guild_id=guild_id, role_ids=roles), refused=not roles)


async def _pages(stage: Stage, owner: Client, reader: Client, place: Place) -> None:
    limits, guild_id, channel_id = stage.company.target.limits, place.guild_id, place.channel_id
    await _probe(
        stage,
        reader,
        limits.history_page,
        lambda n: ops.History(guild_id=guild_id, channel_id=channel_id, limit=n),
    )
    await _probe(stage, reader, limits.members_page, lambda n: ops.ListMembers(guild_id=guild_id, limit=n))
    if stage.offers(Feature.AUDIT):
        await _probe(stage, owner, limits.audit_page, lambda n: ops.ReadAudit(guild_id=guild_id, limit=n))
    if stage.offers(Feature.IP_BANS):
        await _probe(stage, owner, limits.ip_bans_page, lambda n: ops.ListIpBans(guild_id=guild_id, limit=n))
    if stage.offers(Feature.SEARCH):
        await _probe(
            stage, reader, limits.search_page, lambda n: ops.Search(guild_id=guild_id, q="found", limit=n)
        )
    if stage.offers(Feature.DIRECTORY):
        await _probe(stage, reader, limits.public_guilds_page, lambda n: ops.ListPublicGuilds(limit=n))


@scenario(
    "limits/ingress",
    covers=["BAD-1", "BAD-2", "BAD-10", "LIMIT-1", "LIMIT-4"],
    features=_FEATURES,
    hazards=(Hazard.HOSTILE_INPUT, Hazard.FLOODS),
    needs=Needs(operations=6, settles=1, reopened=4, verbatim=True),
)
async def what_comes_in_is_as_much_as_declared(stage: Stage) -> None:
    """Frames and bodies may be as long, and frames as many, as declared, and not a byte or a frame more."""
    room = await stage.workspace()
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    intrusion = await stage.intrusion((owner, *others), place)
    await intrusion.ask(one for one in REQUESTS if one.size is not None)
    await intrusion.offend(one for one in FRAMES if one.size is not None)
    await intrusion.fill_up()
    await stage.post(owner, place, "after")


@scenario(
    "limits/outbound",
    covers=["LIMIT-SIZE-2", "DELIV-1"],
    features=_FEATURES,
    needs=Needs(operations=5, settles=2, long_events=True),
)
async def what_is_too_long_to_be_told_reaches_nobody(stage: Stage) -> None:
    """An event longer than a frame may be reaches nobody and harms nobody; its cause is better refused."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    limits, place = stage.company.target.limits, room.channel(GENERAL)
    await stage.post(owner, place, "before")
    await stage.settle()
    message = ops.CreateMessage(
        guild_id=place.guild_id,
        channel_id=place.channel_id,
        content=f"{stage.word()} ".ljust(limits.message_bytes, "\x01"),
    )
    reply = await stage.do(ana, message, refused=True)
    if reply.accepted:
        # Whoever was told nothing of it would miss it for good.
        note = Note(place=place, message_id=str(reply.body.get("message_id")))
        await stage.delete(ana, note)
    await stage.post(owner, place, "after")


@scenario(
    "limits/uploads",
    covers=_MEASURED,
    features=(*_FEATURES, Feature.PROFILE_AVATAR, Feature.PROFILE_BANNER, Feature.ATTACHMENTS),
    needs=Needs(operations=9, settles=1),
    tier=Tier.NIGHTLY,
)
async def files_are_as_large_as_declared(stage: Stage) -> None:
    """An avatar, a banner and an attachment may be as large as declared, and not larger."""
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    limits, place = stage.company.target.limits, room.channel(GENERAL)
    where = {"guild_id": place.guild_id, "channel_id": place.channel_id}
    await _probe(
        stage, ana, limits.avatar_bytes, lambda n: ops.UploadAvatar(content_type=PNG, data=png(size=n))
    )
    await _probe(
        stage, ana, limits.banner_bytes, lambda n: ops.UploadBanner(content_type=PNG, data=png(size=n))
    )
    await _probe(
        stage,
        ana,
        limits.attachment_bytes,
        lambda n: ops.UploadAttachment(**where, content_type=PNG, data=png(size=n), filename="large.png"),
    )


@scenario(
    "limits/counts",
    covers=["ROLE-7"],
    features=(*_FEATURES, Feature.ROLES),
    needs=Needs(operations=142, settles=1),
    tier=Tier.NIGHTLY,
)
async def as_many_roles_as_declared(stage: Stage) -> None:
    """A member holds, and a workspace has, as many roles as declared, and not one more."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    limits = stage.company.target.limits
    seeds = len(await stage.role_ids(owner, room))
    made = [await stage.add_role(owner, room) for _ in range(limits.roles_per_guild - seeds)]
    # Whether the roles that a workspace begins with count is left open: only the last is surely too many.
    for _ in range(seeds + 1):
        one_more = ops.CreateRole(guild_id=room.guild_id, role_name=stage.word(), permissions=[])
        await stage.do(owner, one_more, refused=True)
    # Of more than there are no order can be asked for.
    for order in (made[:1], made):
        await stage.do(owner, ops.ReorderRoles(guild_id=room.guild_id, role_ids=order))
    for number, role_id in enumerate(made[: limits.assignments_per_member + 1]):
        assign = ops.AssignRole(guild_id=room.guild_id, role_id=role_id, user_id=ana.user_id)
        await stage.do(owner, assign, refused=number >= limits.assignments_per_member)


@scenario(
    "limits/orders",
    covers=_MEASURED,
    features=(*_FEATURES, Feature.CHANNELS_REORDER, Feature.CHANNELS_DELETE),
    needs=Needs(operations=510, settles=1),
    tier=Tier.NIGHTLY,
)
async def as_many_channels_are_put_in_order_as_declared(stage: Stage) -> None:
    """As many channels as a list holds are put in order at once, and not one more."""
    room = await stage.workspace()
    owner, *_ = await stage.cast(room)
    guild_id, limit = room.guild_id, stage.company.target.limits.listed_channels
    made = [room.channel(GENERAL).channel_id]

    async def order(count: int) -> None:
        while len(made) < count:
            create = ops.CreateChannel(guild_id=guild_id, channel_name=stage.word())
            made.append(str((await stage.do(owner, create)).body.get("channel_id")))
        reorder = ops.ReorderChannels(guild_id=guild_id, channel_ids=made[::-1])
        await stage.do(owner, reorder, refused=count > limit)

    for count in (limit - 1, limit, limit + 1):
        await order(count)
    # Of more channels than a list holds nobody would be told all.
    await stage.do(owner, ops.DeleteChannel(guild_id=guild_id, channel_id=made.pop()))
