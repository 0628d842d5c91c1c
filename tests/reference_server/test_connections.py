from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.outbound import Outbound


def connection(user_id: str, session_id: str = "s") -> Connection:
    outbound = Outbound(bound=1, write=lambda frame: None)
    return Connection(
        user_id=user_id,
        session_id=session_id,
        address="192.0.2.1",
        outbound=outbound,
        end=lambda ending: None,
    )


def test_lists_each_connection_once_in_order() -> None:
    registry = Connections()
    first, second = connection("ana"), connection("ana")
    registry.add(first)
    registry.add(second)
    for one in (second, first, second):
        registry.subscribe(one, guild_id="g", channel_id="c1")
        registry.subscribe(one, guild_id="g", channel_id="c2")
    assert list(registry.all()) == [first, second]
    assert list(registry.of_user("ana")) == [first, second]
    assert list(registry.in_channel("c1")) == [second, first]
    assert list(registry.in_guild("g")) == [second, first]


def test_a_connection_stays_in_a_guild_until_its_last_channel_there() -> None:
    registry = Connections()
    one = connection("ana")
    registry.add(one)
    for guild_id, channel_id in (("g", "c1"), ("g", "c2"), ("h", "c3")):
        registry.subscribe(one, guild_id=guild_id, channel_id=channel_id)
    registry.unsubscribe(one, "c1")
    assert list(registry.in_guild("g")) == [one]
    assert list(registry.in_channel("c1")) == []
    registry.unsubscribe(one, "c2")
    assert list(registry.in_guild("g")) == []
    assert list(registry.in_guild("h")) == [one]


def test_removing_a_connection_leaves_nothing_of_it() -> None:
    registry = Connections()
    one, other = connection("ana"), connection("ben")
    for each in (one, other):
        registry.add(each)
        registry.subscribe(each, guild_id="g", channel_id="c")
    registry.remove(one)
    assert [list(found) for found in (registry.all(), registry.in_channel("c"), registry.in_guild("g"))] == [
        [other]
    ] * 3
    assert list(registry.of_user("ana")) == []


def test_ends_the_lost_subscriptions_of_one_guild_only() -> None:
    registry = Connections()
    one, other = connection("ana"), connection("ben")
    for each in (one, other):
        registry.add(each)
        registry.subscribe(each, guild_id="g", channel_id="c1")
        registry.subscribe(each, guild_id="h", channel_id="c2")
    registry.end_subscriptions("g", lambda each, channel_id: each is one and channel_id == "c1")
    assert one.subscriptions == {"c2": "h"}
    assert other.subscriptions == {"c1": "g", "c2": "h"}
    assert list(registry.in_guild("g")) == [other]
