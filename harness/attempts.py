"""What somebody tries in a channel where the contract says no: each operation that needs access, once.

Other scenarios ask for what is theirs, so a server that checks access at one door and not at the next is only
met here. Every request is well-formed and refused: none of it harms a server, wherever it is.
"""

from collections.abc import Iterator

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.client import Client
from sync_check.harness.images import png
from sync_check.harness.room import File, Note, Place
from sync_check.harness.stage import Stage

_EMOJI = "👍"


async def attempt(
    stage: Stage,
    client: Client,
    place: Place,
    *notes: Note,
    file: File | None = None,
    query: str | None = None,
) -> None:
    """`client`, to whom a channel is closed, tries to read it, write in it and change the `notes` in it.

    `file` is one of its files, `query` what somebody wrote there. What the target does not offer is left out.
    """
    for operation in _of_channel(stage, place, query):
        await stage.do(client, operation, refused=True)
    for note in notes:
        for operation in _of_message(stage, note):
            await stage.do(client, operation, refused=True)
    if stage.offers(Feature.ATTACHMENTS):
        await stage.upload_in_vain(client, place, png())
        if file is not None:
            await stage.fetch(client, file, refused=True)


def _of_channel(stage: Stage, place: Place, query: str | None) -> Iterator[ops.Operation]:
    guild_id, channel_id = place.guild_id, place.channel_id
    yield ops.History(guild_id=guild_id, channel_id=channel_id)
    yield ops.OwnPermissions(guild_id=guild_id, channel_id=channel_id)
    content = f"in vain {stage.word()}"
    yield ops.CreateMessage(guild_id=guild_id, channel_id=channel_id, content=content)
    if stage.offers(Feature.SEARCH):
        yield ops.Search(guild_id=guild_id, channel_id=channel_id, q=query or stage.word())
    if stage.offers(Feature.VOICE):
        yield ops.IssueVoiceToken(guild_id=guild_id, channel_id=channel_id)


def _of_message(stage: Stage, note: Note) -> Iterator[ops.Operation]:
    where = {
        "guild_id": note.place.guild_id,
        "channel_id": note.place.channel_id,
        "message_id": note.message_id,
    }
    if stage.offers(Feature.REACTIONS):
        yield ops.AddReaction(**where, emoji=_EMOJI)
        yield ops.RemoveReaction(**where, emoji=_EMOJI)
    yield ops.EditMessage(**where, content=f"in vain {stage.word()}")
    yield ops.DeleteMessage(**where)
