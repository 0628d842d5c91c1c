"""Faults of the network: whoever hears badly loses nothing for good, and nobody else loses anything.

While clients are away mutations go on. They come back, subscribe, read, and agree with everybody.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from sync_check.conformance.contract.features import Feature
from sync_check.harness.client import Client
from sync_check.harness.faults.toxics import (
    Bandwidth,
    Direction,
    HalfOpen,
    Latency,
    LimitData,
    LimitEvents,
    ResetPeer,
    Slicer,
    Timeout,
)
from sync_check.harness.hazards import Hazard
from sync_check.harness.room import Note, Place
from sync_check.harness.scenario import Needs, Tier
from sync_check.harness.stage import GENERAL, Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.PRESENCE, Feature.MEMBERS, Feature.CHANNELS_CREATE, Feature.MESSAGES, Feature.REACTIONS)
_UPDATE = "presence_update"
_DOWN = (Direction.DOWNSTREAM,)
_LONG = "x" * 1900
"""Most of what a message may hold."""


@dataclass(frozen=True, kw_only=True)
class _Talk:
    """Messages that are there before the network turns bad, to be changed while it is."""

    kept: Note
    gone: Note

    @classmethod
    async def begin(cls, stage: Stage, owner: Client, place: Place) -> "_Talk":
        """Write them, and bring everybody to rest."""
        kept = await stage.post(owner, place, "while all are here")
        gone = await stage.post(owner, place, "to be deleted")
        await stage.settle()
        return cls(kept=kept, gone=gone)

    async def go_on(self, stage: Stage, owner: Client) -> None:
        """Change, react to and delete what was there, and add something new."""
        await stage.edit(owner, self.kept, "while somebody is away")
        await stage.react(owner, self.kept, "👍")
        await stage.delete(owner, self.gone)
        await stage.post(owner, self.kept.place, "new while somebody is away")


@scenario(
    "faults/latency",
    covers=["DELIV-1", "DELIV-2", "DELIV-5", "DELIV-9", "SUB-3", "SUB-4", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=9, settles=3, waits_s=1.0),
)
async def late_and_uneven_network_keeps_the_order(stage: Stage) -> None:
    """Over a slow and uneven network everything arrives, once and in order, and delays nobody else."""
    room = await stage.workspace()
    network = stage.open_network()
    owner, ana, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    network.put(ana, Latency(latency_s=0.06, jitter_s=0.05))
    await talk.go_on(stage, owner)
    await stage.subscribe(ana, place)
    await stage.post(ana, place, "from far away")
    await stage.say(ana, place, "by command, from far away")
    await stage.settle()
    network.lift(ana, Latency)
    await stage.post(ana, place, "near again")


@scenario(
    "faults/slicer",
    covers=["DELIV-1", "DELIV-2", "DELIV-5", "CMD-2", "SUB-1", "SUB-3", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=8),
)
async def small_pieces_are_put_together(stage: Stage) -> None:
    """What comes in pieces of a few bytes, either way, is what was sent."""
    room = await stage.workspace()
    network = stage.open_network()
    owner, ana, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    network.put(ana, Slicer(average_size=9, size_variation=8, delay_s=0.000_5))
    await talk.go_on(stage, owner)
    await stage.subscribe(ana, place)
    await stage.say(ana, place, "in small pieces")
    await stage.post(ana, place, "in small pieces to herself")


@scenario(
    "faults/bandwidth",
    covers=["DELIV-1", "DELIV-2", "DELIV-5", "DELIV-9", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=13),
    hazards=(Hazard.SLOW_CONSUMERS,),
)
async def narrow_network_delays_nobody_else(stage: Stage) -> None:
    """Who is reached by a trickle gets all of it in order, and everybody else gets it at once."""
    room = await stage.workspace()
    network = stage.open_network()
    owner, ana, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    network.put(ana, Bandwidth(bytes_per_s=60_000), directions=_DOWN)
    for _ in range(8):
        await stage.post(owner, place, _LONG)
    await talk.go_on(stage, owner)
    await stage.fence(owner)
    network.lift(ana, Bandwidth)


@scenario(
    "faults/reset",
    covers=["PRES-1", "PRES-3", "PRES-4", "SUB-4", "DELIV-1", "DELIV-2", "SCOPE-2", "SCOPE-3", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=9, settles=3),
)
async def reset_connections_come_back(stage: Stage) -> None:
    """Whoever is reset goes offline, hears nothing unasked once back, and misses nothing for good."""
    room = await stage.workspace()
    stage.open_network()
    owner, ana, *_ = await stage.cast(room)
    outsider = await stage.stranger()
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    async with stage.breaking(ana, room, ResetPeer(), told=(_UPDATE,)):
        pass
    await talk.go_on(stage, owner)
    await stage.post(ana, place, "by a call, while her connections are gone")
    await stage.connect(outsider)
    await stage.reconnect(ana)
    await stage.post(owner, place, "to those who asked for it")
    await stage.subscribe(ana, place)
    await stage.post(ana, place, "back again")


@scenario(
    "faults/limit-data",
    covers=["PRES-3", "PRES-4", "SCOPE-3", "SCOPE-5", "DELIV-1", "DELIV-9", "SCOPE-2", "CLIENT-6"],
    features=(*_FEATURES, Feature.WORKSPACE_UPDATE),
    needs=Needs(operations=12, settles=4),
)
async def cut_amid_a_frame_and_removed_meanwhile(stage: Stage) -> None:
    """Who is cut off amid a frame, and removed before coming back, hears nothing until added again."""
    room = await stage.workspace()
    stage.open_network()
    owner, ana, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    async with stage.breaking(ana, room, LimitData(bytes=99), directions=_DOWN, told=(_UPDATE,)):
        await stage.post(owner, place, "of which the beginning arrives")
    await stage.kick(owner, room, ana)
    await talk.go_on(stage, owner)
    await stage.reconnect(ana)
    await stage.subscribe(ana, place, refused=True)
    await stage.post(owner, place, "not for who was removed")
    await stage.rename(owner, room, "renamed")
    await stage.settle()
    await stage.add(owner, room, ana)
    await stage.subscribe(ana, place)
    await stage.post(ana, place, "back again")


@scenario(
    "faults/limit-events",
    covers=["DELIV-1", "DELIV-2", "DELIV-9", "SCOPE-2", "SCOPE-3", "PRES-3", "PRES-4", "CLIENT-6"],
    features=(*_FEATURES, Feature.OVERRIDES_PERMISSION),
    needs=Needs(operations=13, settles=4),
)
async def cut_before_an_event_and_locked_out_meanwhile(stage: Stage) -> None:
    """Who loses a channel while cut off hears nothing of it, and all of the others, once back."""
    room = await stage.workspace(channels=(GENERAL, "board"))
    stage.open_network()
    owner, ana, *_ = await stage.cast(room)
    place, board = room.channel(GENERAL), room.channel("board")
    talk = await _Talk.begin(stage, owner, place)
    second = LimitEvents(name="message_create", count=2)
    async with stage.breaking(ana, room, second, directions=_DOWN, told=(_UPDATE,)):
        await stage.post(owner, board, "the last that she hears")
        await stage.post(owner, board, "in place of which the connection ends")
    await stage.override(owner, board, ana, deny=("create_message",))
    stage.shut_out(board, ana)
    await talk.go_on(stage, owner)
    await stage.post(owner, board, "while she may not")
    await stage.reconnect(ana, room)
    await stage.subscribe(ana, board, refused=True)
    await stage.post(owner, board, "not for her")
    await stage.settle()
    await stage.override(owner, board, ana)
    await stage.post(owner, board, "not yet asked for")
    await stage.subscribe(ana, board)
    await stage.post(ana, board, "back again")


@scenario(
    "faults/timeout",
    covers=["PRES-1", "PRES-3", "DELIV-1", "DELIV-2", "DELIV-9", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=8, settles=3),
    clients=3,
    hazards=(Hazard.SLOW_CONSUMERS,),
)
async def silence_that_ends_or_is_overcome(stage: Stage) -> None:
    """A silent network holds up only who is behind it: one catches up, the other is cut off and returns."""
    room = await stage.workspace()
    network = stage.open_network()
    owner, ana, ben, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    network.put(ben, Timeout())
    async with stage.breaking(ana, room, Timeout(timeout_s=0.3), told=(_UPDATE,)):
        await talk.go_on(stage, owner)
    network.lift(ben, Timeout)
    await stage.post(owner, place, "to who was silent and to who is away")
    await stage.reconnect(ana, room)
    await stage.post(ana, place, "back again")


@scenario(
    "faults/flapping",
    covers=["PRES-1", "PRES-3", "PRES-4", "SUB-4", "DELIV-1", "DELIV-9", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=9, reopened=9, settles=3, waits_s=0.5),
    clients=3,
)
async def all_fall_off_and_come_back_again_and_again(stage: Stage) -> None:
    """All but one fall off and come back at once, over and over: nobody misses or hears too much for good."""
    room = await stage.workspace()
    stage.open_network()
    owner, *others = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    for last in (False, False, True):
        async with AsyncExitStack() as all_at_once:
            for one in others:
                fault = stage.breaking(one, room, ResetPeer(), told=(_UPDATE,) if last else ())
                await all_at_once.enter_async_context(fault)
        await stage.post(owner, place, "to nobody else")
        await asyncio.gather(*(stage.reconnect(one, room) for one in others))
        await stage.post(others[0], place, "until the next time")
    await talk.go_on(stage, owner)


@scenario(
    "faults/upgrade",
    covers=["GW-3", "PRES-1", "PRES-3", "PRES-4", "SUB-4", "DELIV-1", "DELIV-2", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=9, reopened=6, settles=2),
    clients=3,
)
async def upgrades_that_are_cut_are_made_again(stage: Stage) -> None:
    """Whose upgrade is cut, in the request, the answer or between, tries again, and is told all once."""
    room = await stage.workspace()
    network = stage.open_network()
    owner, ana, ben, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    for one in (ana, ben):
        async with stage.breaking(one, room, ResetPeer(), told=(_UPDATE,)):
            pass
    await talk.go_on(stage, owner)
    network.cut_upgrade(ana, LimitData(bytes=40), Direction.UPSTREAM)
    network.cut_upgrade(ana, LimitData(bytes=60), Direction.DOWNSTREAM)
    network.cut_upgrade(ben, LimitData(bytes=0), Direction.DOWNSTREAM)
    await asyncio.gather(stage.reconnect(ana, room), stage.reconnect(ben, room))
    await stage.post(owner, place, "to who got through")
    await stage.post(ana, place, "back again")
    await stage.post(ben, place, "back again, too")


@scenario(
    "faults/half-open",
    covers=["PRES-1", "PRES-3", "PRES-4", "GW-6", "DELIV-1", "DELIV-9", "SCOPE-2", "CLIENT-6"],
    features=_FEATURES,
    needs=Needs(operations=10, settles=3, waits_s=90.0),
    clients=3,
    hazards=(Hazard.SLOW_CONSUMERS,),
    tier=Tier.NIGHTLY,
)
async def dead_connections_are_found_out(stage: Stage) -> None:
    """Connections that die without a word end by their heartbeat, and who has come back stays online."""
    room = await stage.workspace()
    network = stage.open_network()
    owner, ana, ben, *_ = await stage.cast(room)
    place = room.channel(GENERAL)
    talk = await _Talk.begin(stage, owner, place)
    for one in (ana, ben):
        network.put(one, HalfOpen())
    await talk.go_on(stage, owner)
    await asyncio.gather(*(connection.cut() for one in (ana, ben) for connection in one.connections))
    await stage.reconnect(ana, room)
    await stage.post(ana, place, "back again, before anybody knew that she was away")
    async with stage.telling(ben, room, (_UPDATE,)):
        await network.given_up()
    await stage.post(owner, place, "to who is still here")
    await stage.reconnect(ben, room)
    await stage.post(ben, place, "back again, after everybody knew")
