"""What else shows of a target: its revision, its counters' names, its clock, the order of its events."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.events import EVENTS, WorkspaceChannelOverrideUpdate
from sync_check.conformance.contract.features import SINCE, Feature
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import NOBODY
from sync_check.probing.bench import Bench
from sync_check.probing.sights import Sight, unseen

_OVERRIDES: Final = (Feature.OVERRIDES_ROLE, Feature.OVERRIDES_PERMISSION)
_COUNTER: Final = re.compile(
    r"^([a-zA-Z_:][a-zA-Z0-9_:]*?)(?=gateway_events_|ws_disconnects_total)", re.MULTILINE
)
_BARE: Final = re.compile(r"^(?:gateway_events_|ws_disconnects_total)", re.MULTILINE)
_ROUNDS: Final = 6


def revision_of(heard: Sequence[str], features: Mapping[Feature, Sight]) -> tuple[Sight, Sight]:
    """The revision, and whether overrides are told of under their former name too (contract 0.3, 10.2)."""
    newer = sorted({name for name in heard if name in EVENTS and EVENTS[name].since > 1})
    former = WorkspaceChannelOverrideUpdate.name in heard
    told = [name for name in newer if EVENTS[name].feature in _OVERRIDES]
    if told:
        both = "its former name too" if former else "that name alone"
        why = f"{told[0]} came, and {both}"
        return Sight(value=2, why=why), Sight(value=former, why=why)
    if newer:
        return Sight(value=2, why=f"{newer[0]} came"), unseen("no override was told of")
    if former:
        why = f"{WorkspaceChannelOverrideUpdate.name} came, and no newer name"
        return Sight(value=1, why=why), Sight(value=False, why=why)
    later = [feature for feature in SINCE if features[feature].value]
    if later:
        return Sight(value=2, why=f"it has {later[0]}"), unseen("no override was told of")
    return unseen("nothing came that only one of them has"), unseen("no override was told of")


async def metric_prefix(bench: Bench) -> Sight:
    """What precedes the names of the counters (contract 7)."""
    bench.calls += 1
    reply = await bench.company.caller.call(NOBODY, ops.ReadMetrics(), purpose=Purpose.SETUP)
    page = reply.answer.text or ""
    if reply.answer.status != ops.ReadMetrics.success:
        return unseen("the counters cannot be read")
    if _BARE.search(page):
        return Sight(value="", why="the counters have the contract's names")
    found = _COUNTER.search(page)
    return unseen("no counter has a name of the contract") if found is None else Sight(value=found[1], why="")


async def clock_offset(bench: Bench) -> Sight:
    """By how many seconds the target's clock is ahead of ours, from the time of a new message (ENV-10)."""
    place = bench.place
    if place is None:
        return unseen("there is no channel to look at it in")
    before = bench.company.clock.unix_s()
    said = ops.CreateMessage(guild_id=place.guild_id, channel_id=place.channel_id, content=bench.token())
    answer = (await bench.ask(said)).json
    after = bench.company.clock.unix_s()
    made: Any = answer.get("created_at_unix") if isinstance(answer, dict) else None
    if isinstance(made, bool) or not isinstance(made, int):
        return unseen("no message tells when it was made")
    # It is told in whole seconds: somewhere in the second that begins there.
    ahead = max(made - after, 0.0) + min(made + 1 - before, 0.0)
    return Sight(value=round(ahead, 1), why="by the time of a new message")


async def order_of_events(bench: Bench) -> Sight:
    """Whether events of two scopes come on one connection in the order of their operations (DELIV-2)."""
    place = bench.place
    if place is None:
        return unseen("there is no channel to look at it in")
    words = []
    for _ in range(_ROUNDS):
        said, renamed = bench.token(), bench.token()
        words += [said, renamed]
        message = ops.CreateMessage(guild_id=place.guild_id, channel_id=place.channel_id, content=said)
        rename = ops.UpdateGuild(guild_id=bench.guild_id, guild_name=renamed)
        # The first is not waited for: what was acknowledged first comes first all the same.
        await bench.ask(message)
        if not await bench.arrives(renamed, rename):
            return unseen("a rename of the workspace was not told")
    came = [word for text in bench.heard.texts for word in words if json.dumps(word)[1:-1] in text]
    if sorted(came) != sorted(words):
        return unseen("not every event came just once")
    return Sight(value=came == words, why=f"{len(words)} events of two scopes")
