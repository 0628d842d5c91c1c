"""Search: what was just written is found, what is gone or hidden is not."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.SEARCH, Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS)
_HIDDEN = "hidden"


@scenario(
    "search/results",
    covers=["SEARCH-1", "SEARCH-2", "LEAK-READ-1", "REST-5", "REST-6"],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION),
    needs=Needs(operations=20, settles=3),
)
async def search_finds_what_its_reader_may_read(stage: Stage) -> None:
    """A search finds what was just written or edited, not what is gone, and nothing of a hidden channel."""
    room = await stage.workspace((GENERAL, _HIDDEN))
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    general, hidden = room.channel(GENERAL), room.channel(_HIDDEN)
    old, new = stage.word(), stage.word()
    await stage.search(ana, room, old)
    edited = await stage.post(ana, general, old)
    deleted = await stage.post(owner, general, f"{old} {new}")
    await stage.post(owner, hidden, new)
    await stage.search(ana, room, old)
    await stage.search(ana, room, new, place=hidden)
    await stage.settle()
    await stage.edit(ana, edited, new)
    await stage.delete(owner, deleted)
    await stage.search(ana, room, old)
    await stage.search(ana, room, new)
    await stage.override(owner, hidden, ana, deny=["create_message"])
    stage.shut_out(hidden, ana)
    await stage.search(ana, room, new)
    await stage.search(ana, room, new, place=hidden, refused=True)
    await stage.search(owner, room, new)
    await stage.settle()
    await stage.search(outsider, room, new, refused=True)
    await stage.do(ana, ops.RebuildSearch(guild_id=room.guild_id), refused=True)
    await stage.do(owner, ops.RebuildSearch(guild_id=room.guild_id))
    await stage.do(owner, ops.ReconcileSearch(guild_id=room.guild_id))
    await stage.search(ana, room, new)
    await stage.override(owner, hidden, ana)
    await stage.search(ana, room, new)


@scenario(
    "search/limits",
    covers=["SEARCH-2", "REST-4"],
    features=_FEATURES,
    needs=Needs(operations=12, settles=2),
)
async def search_keeps_to_its_limits(stage: Stage) -> None:
    """A query at the limit is answered, one beyond it is refused, and a result is never longer than asked."""
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    await stage.stranger()
    limits = stage.company.target.limits
    word = stage.word()
    for _ in range(2):
        await stage.post(ana, room.channel(GENERAL), word)
    await stage.settle()
    await stage.search(ana, room, word)
    await stage.search(ana, room, word, limit=1)
    await stage.search(ana, room, word, limit=limits.search_page)
    await stage.search(ana, room, "x" * limits.search_characters)
    await stage.search(ana, room, " ".join("x" * limits.search_terms))
    await stage.search(ana, room, word, limit=0, refused=True)
    await stage.search(ana, room, word, limit=limits.search_page + 1, refused=True)
    await stage.search(ana, room, "x" * (limits.search_characters + 1), refused=True)
    await stage.search(ana, room, " ".join("x" * (limits.search_terms + 1)), refused=True)
    await stage.search(ana, room, f"author:{word}", refused=True)
    await stage.search(ana, room, "", refused=True)
