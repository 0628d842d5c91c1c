import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from sync_check.conformance.contract.events import (
    ChannelCreate,
    ChannelReorder,
    Event,
    MessageDelete,
    ProfileChanges,
    ProfileUpdate,
    Subscribed,
    WorkspaceChanges,
    WorkspaceMemberRemove,
    WorkspaceUpdate,
)
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server import access, endings
from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.deviation import Faithful
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.event_log import EventLog
from sync_check.reference_server.fanout import FanOut
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.metrics import Metrics
from sync_check.reference_server.nodes import Nodes
from sync_check.reference_server.outbound import Outbound
from sync_check.reference_server.randomness import Randomness
from sync_check.reference_server.store import Store


def ulid(number: int) -> str:
    return f"{number:026d}"


GUILD, CHANNEL, OTHER_CHANNEL, ANA, BEN, EVE = map(ulid, range(1, 7))


@dataclass
class Ear:
    """A connection that remembers what was written to it."""

    connection: Connection
    frames: list[bytes] = field(default_factory=list)
    ended: list[Ending] = field(default_factory=list)

    def names(self) -> list[str]:
        return [json.loads(frame[frame.index(b"{") :])["t"] for frame in self.frames]


class World:
    """Ana and Ben are members of a guild with two channels, Eve is not."""

    def __init__(self, limits: Limits | None = None, event_log: EventLog | None = None) -> None:
        self.channel = Channel(channel_id=CHANNEL, name="general", kind="text")
        self.other = Channel(channel_id=OTHER_CHANNEL, name="other", kind="text")
        channels = {CHANNEL: self.channel, OTHER_CHANNEL: self.other}
        role_ids = [ulid(number) for number in range(10, 14)]
        self.guild = Guild.founded(guild_id=GUILD, name="guild", visibility="private", role_ids=role_ids)
        self.guild.channels |= channels
        self.guild.add_member(ANA, "owner")
        self.guild.add_member(BEN)
        self.connections = Connections()
        self.metrics = Metrics()
        self.limits = limits or Limits()
        self.fanout = FanOut(
            connections=self.connections,
            metrics=self.metrics,
            limits=self.limits,
            deviation=Faithful(self.connections, Store()),
            nodes=Nodes(1, Randomness(1)),
            event_log=event_log,
        )

    def ear(self, user_id: str, *channel_ids: str) -> Ear:
        frames: list[bytes] = []
        ended: list[Ending] = []
        outbound = Outbound(bound=self.limits.gateway_outbound_queue, write=frames.append)
        connection = Connection(
            user_id=user_id, session_id="s", address="192.0.2.1", outbound=outbound, end=ended.append
        )
        self.connections.add(connection)
        for channel_id in channel_ids:
            self.connections.subscribe(connection, guild_id=GUILD, channel_id=channel_id)
        return Ear(connection, frames, ended)

    def delete_message(self, channel: Channel | None = None) -> None:
        channel = channel or self.channel
        event = MessageDelete(
            guild_id=GUILD, channel_id=channel.channel_id, message_id=ulid(9), deleted_at_unix=1
        )
        self.fanout.to_channel(event, guild=self.guild, channel=channel, cause=ANA)

    def rename(self) -> None:
        self.fanout.to_guild(renamed(), guild=self.guild, cause=ANA)

    def may_read_other(self, user_id: str) -> bool:
        return access.can_read(self.guild, self.other, user_id)

    def counters(self) -> str:
        return self.metrics.exposition().decode()


def renamed() -> Event:
    return WorkspaceUpdate(guild_id=GUILD, updated_fields=WorkspaceChanges(name="x"), updated_at_unix=1)


@pytest.mark.witnesses("SCOPE-2", "SCOPE-3", "DELIV-1", "METRIC-2")
def test_a_channel_event_reaches_its_subscribers_with_access_once_each() -> None:
    world = World()
    both = world.ear(ANA, CHANNEL, OTHER_CHANNEL)
    again = world.ear(ANA, CHANNEL)
    here, elsewhere = world.ear(BEN, CHANNEL), world.ear(BEN, OTHER_CHANNEL)
    nowhere, stranger = world.ear(BEN), world.ear(EVE, CHANNEL)
    world.delete_message()
    assert [ear.names() for ear in (both, again, here)] == [["message_delete"]] * 3
    assert [ear.names() for ear in (elsewhere, nowhere, stranger)] == [[]] * 3
    assert 'gateway_events_emitted_total{event_type="message_delete",scope="channel"} 3.0' in world.counters()


@pytest.mark.witnesses("SCOPE-4", "SCOPE-5", "DELIV-1")
def test_a_guild_event_reaches_members_subscribed_anywhere_in_it_once_each() -> None:
    world = World()
    both, other = world.ear(ANA, CHANNEL, OTHER_CHANNEL), world.ear(BEN, OTHER_CHANNEL)
    nowhere, stranger, formerly = world.ear(BEN), world.ear(EVE), world.ear(EVE, CHANNEL)
    world.rename()
    assert [ear.names() for ear in (both, other)] == [["workspace_update"]] * 2
    assert [ear.names() for ear in (nowhere, stranger, formerly)] == [[]] * 3


@pytest.mark.witnesses("ACCESS-1")
def test_access_is_looked_at_when_the_event_is_enqueued() -> None:
    world = World()
    here = world.ear(BEN, CHANNEL)
    world.delete_message()
    world.guild.remove_member(BEN)
    world.delete_message()
    world.rename()
    assert here.names() == ["message_delete"]


@pytest.mark.witnesses("ACCESS-2", "SCOPE-8", "DELIV-1")
def test_the_user_concerned_is_reached_on_every_connection_once() -> None:
    world = World()
    subscribed, idle, other = world.ear(BEN, CHANNEL), world.ear(BEN), world.ear(ANA, CHANNEL)
    world.guild.remove_member(BEN)
    removal = WorkspaceMemberRemove(guild_id=GUILD, user_id=BEN, reason="kick", removed_at_unix=1)
    world.fanout.to_guild(removal, guild=world.guild, cause=ANA, concerned=BEN)
    assert [ear.names() for ear in (subscribed, idle, other)] == [["workspace_member_remove"]] * 3


@pytest.mark.witnesses("LEAK-CHAN-1")
def test_an_event_about_a_channel_reaches_only_those_who_may_read_it() -> None:
    world = World()
    ana, ben = world.ear(ANA, CHANNEL), world.ear(BEN, CHANNEL)
    world.other.readers[BEN] = False
    event = ChannelCreate(guild_id=GUILD, channel=world.other.shape())
    world.fanout.to_guild(event, guild=world.guild, cause=ANA, seen_by=world.may_read_other)
    assert (ana.names(), ben.names()) == (["channel_create"], [])


def test_a_user_event_reaches_all_connections_of_that_user_only() -> None:
    world = World()
    subscribed, idle, other = world.ear(BEN, CHANNEL), world.ear(BEN), world.ear(ANA, CHANNEL)
    event = ProfileUpdate(user_id=BEN, updated_fields=ProfileChanges(username="ben"), updated_at_unix=1)
    world.fanout.to_users(event, user_ids=(BEN,), cause=BEN)
    assert [ear.names() for ear in (subscribed, idle, other)] == [["profile_update"], ["profile_update"], []]


@pytest.mark.witnesses("DELIV-1")
def test_a_user_event_reaches_each_connection_once_however_often_its_user_is_named() -> None:
    world = World()
    ana, ben, eve = world.ear(ANA), world.ear(BEN), world.ear(EVE)
    event = ProfileUpdate(user_id=BEN, updated_fields=ProfileChanges(username="ben"), updated_at_unix=1)
    world.fanout.to_users(event, user_ids=(BEN, ANA, BEN), cause=BEN)
    assert [ear.names() for ear in (ana, ben, eve)] == [["profile_update"], ["profile_update"], []]


def test_everybody_gets_the_very_same_bytes() -> None:
    world = World()
    ears = [world.ear(ANA, CHANNEL) for _ in range(3)]
    world.delete_message()
    assert all(ear.frames[0] is ears[0].frames[0] for ear in ears)


@pytest.mark.witnesses("ACCESS-6")
def test_lost_subscriptions_end_for_good() -> None:
    world = World()
    here = world.ear(BEN, CHANNEL)
    world.guild.remove_member(BEN)
    world.fanout.end_lost_subscriptions(world.guild)
    world.guild.add_member(BEN)
    world.delete_message()
    world.rename()
    assert here.names() == []


def test_kept_access_keeps_the_subscription() -> None:
    world = World()
    here = world.ear(BEN, CHANNEL)
    world.guild.add_member(BEN, "moderator")
    world.fanout.end_lost_subscriptions(world.guild)
    world.delete_message()
    assert here.names() == ["message_delete"]


def profile_updated(world: World) -> None:
    event = ProfileUpdate(user_id=BEN, updated_fields=ProfileChanges(username="ben"), updated_at_unix=1)
    world.fanout.to_users(event, user_ids=(BEN, ANA), cause=BEN)


ENTRIES = [
    pytest.param(World.delete_message, "message_delete", "channel", id="channel"),
    pytest.param(World.rename, "workspace_update", "guild", id="guild"),
    pytest.param(profile_updated, "profile_update", "user", id="user"),
]
"""Each causes one event for the connections of Ana and Ben."""


@pytest.mark.parametrize(("cause", "name", "scope"), ENTRIES)
@pytest.mark.witnesses("LIMIT-SLOW-2", "METRIC-5")
def test_a_full_queue_costs_only_its_own_connection_the_event(
    cause: Callable[[World], None], name: str, scope: str
) -> None:
    world = World(Limits(gateway_outbound_queue=2))
    slow, quick = world.ear(BEN, CHANNEL), world.ear(ANA, CHANNEL)
    slow.connection.outbound.block()
    for _ in range(3):
        cause(world)
    assert slow.ended == [endings.SLOW_CONSUMER]
    assert quick.names() == [name] * 3
    assert not quick.ended
    labels = f'event_type="{name}",reason="full_queue",scope="{scope}"'
    assert f"gateway_events_dropped_total{{{labels}}} 1.0" in world.counters()
    assert f'gateway_events_emitted_total{{event_type="{name}",scope="{scope}"}} 5.0' in world.counters()


@pytest.mark.parametrize(("cause", "name", "scope"), ENTRIES)
@pytest.mark.witnesses("METRIC-5")
def test_a_closing_queue_takes_nothing_and_ends_nothing_twice(
    cause: Callable[[World], None], name: str, scope: str
) -> None:
    world = World()
    closing, other = world.ear(BEN, CHANNEL), world.ear(ANA, CHANNEL)
    closing.connection.outbound.close()
    cause(world)
    assert (closing.names(), closing.ended) == ([], [])
    assert other.names() == [name]
    labels = f'event_type="{name}",reason="closed",scope="{scope}"'
    assert f"gateway_events_dropped_total{{{labels}}} 1.0" in world.counters()


@pytest.mark.witnesses("CHAN-7")
def test_views_of_one_change_are_encoded_once_for_all_who_share_them() -> None:
    world = World()
    ears = [world.ear(user_id, CHANNEL) for user_id in (ANA, BEN, BEN)]
    stranger = world.ear(EVE)
    seen = {ANA: [CHANNEL, OTHER_CHANNEL], BEN: [CHANNEL]}

    def view_of(user_id: str) -> Event:
        return ChannelReorder(guild_id=GUILD, channel_ids=seen[user_id], updated_at_unix=1)

    world.fanout.to_guild_by_view(world.guild, ANA, view_of=view_of)
    assert [ear.names() for ear in (*ears, stranger)] == [["channel_reorder"]] * 3 + [[]]
    assert OTHER_CHANNEL.encode() in ears[0].frames[0]
    assert OTHER_CHANNEL.encode() not in ears[1].frames[0]
    assert ears[1].frames[0] is ears[2].frames[0]


@pytest.mark.witnesses("LIMIT-SIZE-1", "METRIC-5")
def test_an_oversized_event_is_delivered_to_nobody_and_counted_once() -> None:
    world = World(Limits(max_gateway_event_bytes=200))
    ears = [world.ear(ANA, CHANNEL), world.ear(BEN, CHANNEL)]
    changes = WorkspaceChanges(name="x" * 200)
    oversized = WorkspaceUpdate(guild_id=GUILD, updated_fields=changes, updated_at_unix=1)
    assert not world.fanout.is_deliverable(oversized)
    world.fanout.to_guild(oversized, guild=world.guild, cause=ANA)
    assert [(ear.names(), ear.ended) for ear in ears] == [([], [])] * 2
    world.rename()
    assert [(ear.names(), ear.ended) for ear in ears] == [(["workspace_update"], [])] * 2
    reason = 'event_type="workspace_update",reason="oversized_outbound",scope="guild"'
    assert f"gateway_events_dropped_total{{{reason}}} 1.0" in world.counters()


@pytest.mark.parametrize("size", [-1, 0])
@pytest.mark.witnesses("ENV-3")
def test_an_event_of_exactly_the_limit_is_delivered(size: int) -> None:
    frame_bytes = len(
        json.dumps({"v": 1, "t": "workspace_update", "d": renamed().wire()}, separators=(",", ":"))
    )
    world = World(Limits(max_gateway_event_bytes=frame_bytes + size))
    ear = world.ear(ANA, CHANNEL)
    world.rename()
    assert ear.names() == ([] if size else ["workspace_update"])


def test_an_answer_that_cannot_be_queued_ends_the_connection() -> None:
    world = World(Limits(gateway_outbound_queue=1))
    ear = world.ear(ANA)
    ear.connection.outbound.block()
    for _ in range(2):
        world.fanout.to_connection(Subscribed(guild_id=GUILD, channel_id=CHANNEL), ear.connection)
    assert ear.ended == [endings.OUTBOUND_QUEUE_FULL]


def test_an_answer_that_is_too_large_ends_the_connection() -> None:
    world = World(Limits(max_gateway_event_bytes=50))
    ear = world.ear(ANA)
    world.fanout.to_connection(Subscribed(guild_id=GUILD, channel_id=CHANNEL), ear.connection)
    assert ear.ended == [endings.OUTBOUND_PAYLOAD_TOO_LARGE]
