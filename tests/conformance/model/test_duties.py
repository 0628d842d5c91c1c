"""MUST, MAY and MUST NOT of single connections, above all where operations overlap."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import events
from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.model.connections import NEVER, Arrival, Connection, Lease
from sync_check.conformance.model.duties import Due, Duties, Duty, Window
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.timeline import Span, Timeline
from sync_check.conformance.model.world import Channel, Guild, World

MESSAGE = Emission(
    event=events.MessageCreate, standing=Standing.DUE, identity={}, guild_id="g", channel_id="c"
)
RENAME = Emission(event=events.WorkspaceUpdate, standing=Standing.DUE, identity={}, guild_id="g")
PROFILE = Emission(event=events.ProfileUpdate, standing=Standing.DUE, identity={}, subject="ana")
REMOVAL = Emission(
    event=events.WorkspaceMemberRemove,
    standing=Standing.DUE,
    identity={},
    guild_id="g",
    subject="ben",
    ends_membership=True,
)


def _world(*members: str, channels: tuple[str, ...] = ("c", "d")) -> World:
    roles: dict[str, LegacyRole] = dict.fromkeys(members, "member")
    return World().with_guild(
        Guild(
            guild_id="g",
            name="room",
            visibility="private",
            members=roles,
            channels={one: Channel(channel_id=one, name=one, kind="text") for one in channels},
        )
    )


def _timeline(*worlds: tuple[World, int, int]) -> Timeline:
    timeline = Timeline()
    for world, invoked, acknowledged in worlds:
        timeline.push(world, invoked=invoked, acknowledged=acknowledged)
    return timeline


def _connection(user: str, *leases: tuple[str, int, int | None], ready: int = 5) -> Connection:
    return Connection(
        number=1,
        name=f"{user}#1",
        client=user,
        user_id=user,
        session=1,
        began=4,
        opened=5,
        opened_at=5,
        frames=[] if ready == NEVER else [Arrival(position=ready, body=1, times={1: 0})],
        leases=[
            Lease(guild_id="g", channel_id=channel, asked=asked, asked_at=asked, confirmed=confirmed)
            for channel, asked, confirmed in leases
        ],
    )


def _window(timeline: Timeline, invoked: int, acknowledged: int, made: int | None = None) -> Window:
    span = timeline.span(invoked, acknowledged)
    last = span.last if made is None else made - 1
    return Window(
        invoked=invoked,
        acknowledged=acknowledged,
        acknowledged_at=acknowledged,
        span=span,
        before=Span(first=span.first, last=max(span.first, last)),
    )


QUIET = _timeline((_world("ana", "ben"), 1, 2))
SUBSCRIBED = ("c", 10, 11)
UNDECIDED = (Duty.MAY, False)


def _due(emission: Emission, timeline: Timeline, connection: Connection, start: int, end: int) -> Due:
    return Duties(timeline).due(emission, _window(timeline, start, end), connection)


@pytest.mark.parametrize(
    ("user", "leases", "duty", "requirement"),
    [
        ("ben", [SUBSCRIBED], Duty.MUST, "SCOPE-2"),
        ("ben", [], Duty.MUST_NOT, "SCOPE-3"),
        ("ben", [("d", 10, 11)], Duty.MUST_NOT, "SCOPE-3"),
        ("ben", [("c", 35, 36)], Duty.MUST_NOT, "SCOPE-3"),  # asked after the answer
        ("eve", [("c", 10, None)], Duty.MUST_NOT, "SCOPE-3"),
    ],
)
def test_channel_scope(
    user: str, leases: list[tuple[str, int, int | None]], duty: Duty, requirement: str
) -> None:
    due = _due(MESSAGE, QUIET, _connection(user, *leases), 20, 30)
    assert (due.duty, due.requirement, due.decided) == (duty, requirement, True)


@pytest.mark.parametrize("lease", [("c", 10, None), ("c", 10, 25), ("c", 25, 26), ("c", 10, 40)])
def test_a_subscribe_in_progress_leaves_it_open(lease: tuple[str, int, int | None]) -> None:
    due = _due(MESSAGE, QUIET, _connection("ben", lease), 20, 30)
    assert (due.duty, due.decided) == UNDECIDED


@pytest.mark.parametrize(
    ("user", "leases", "duty", "requirement"),
    [
        ("ben", [SUBSCRIBED], Duty.MUST, "SCOPE-4"),
        ("ben", [("d", 10, 11)], Duty.MUST, "SCOPE-4"),
        ("ben", [], Duty.MAY, "SCOPE-4"),
        ("eve", [], Duty.MUST_NOT, "SCOPE-5"),
    ],
)
def test_guild_scope(
    user: str, leases: list[tuple[str, int, int | None]], duty: Duty, requirement: str
) -> None:
    due = _due(RENAME, QUIET, _connection(user, *leases), 20, 30)
    assert (due.duty, due.requirement, due.decided) == (duty, requirement, True)


@pytest.mark.parametrize(("user", "duty"), [("ana", Duty.MUST), ("ben", Duty.MAY), ("eve", Duty.MUST_NOT)])
def test_profile_events(user: str, duty: Duty) -> None:
    assert _due(PROFILE, QUIET, _connection(user), 20, 30).duty is duty


KICKED = _timeline((_world("ana", "ben"), 1, 2), (_world("ana"), 40, 60))


@pytest.mark.parametrize(
    ("start", "end", "duty", "decided"),
    [
        (20, 30, Duty.MUST, True),  # before the kick
        (35, 45, Duty.MAY, False),  # the kick begins meanwhile
        (45, 50, Duty.MAY, False),  # all of it while the kick is in progress
        (55, 70, Duty.MAY, False),  # the kick ends meanwhile
        (61, 70, Duty.MUST_NOT, True),  # after the kick
    ],
)
@pytest.mark.parametrize("emission", [MESSAGE, RENAME])
def test_events_beside_a_kick(emission: Emission, start: int, end: int, duty: Duty, decided: bool) -> None:
    due = _due(emission, KICKED, _connection("ben", SUBSCRIBED), start, end)
    assert (due.duty, due.decided) == (duty, decided)
    assert _due(emission, KICKED, _connection("ana", SUBSCRIBED), start, end).duty is Duty.MUST


def test_after_a_kick_the_requirement_is_that_of_the_removed() -> None:
    due = _due(MESSAGE, KICKED, _connection("ben", SUBSCRIBED), 61, 70)
    assert due.requirement == "ACCESS-3"
    assert "SCOPE-3" in due.also


def test_the_own_removal_is_judged_by_what_was_before() -> None:
    window = _window(KICKED, 40, 60, made=2)
    duties = Duties(KICKED)
    assert duties.due(REMOVAL, window, _connection("ben", SUBSCRIBED)).requirement == "ACCESS-2"
    assert duties.due(REMOVAL, window, _connection("ben", SUBSCRIBED)).duty is Duty.MUST
    assert duties.due(REMOVAL, window, _connection("ben")).duty is Duty.SHOULD
    assert duties.due(REMOVAL, window, _connection("ana", SUBSCRIBED)).duty is Duty.MUST
    assert duties.due(REMOVAL, window, _connection("eve")).duty is Duty.MUST_NOT


BACK = _timeline((_world("ana", "ben"), 1, 2), (_world("ana"), 40, 50), (_world("ana", "ben"), 60, 70))


def test_regained_membership_needs_a_new_subscribe() -> None:
    old = _due(MESSAGE, BACK, _connection("ben", SUBSCRIBED), 80, 90)
    assert (old.duty, old.requirement) == (Duty.MUST_NOT, "ACCESS-6")
    new = _due(MESSAGE, BACK, _connection("ben", SUBSCRIBED, ("c", 75, 76)), 80, 90)
    assert new.duty is Duty.MUST
    assert _due(RENAME, BACK, _connection("ben", SUBSCRIBED), 80, 90).duty is Duty.MAY


def test_a_new_member_should_hear_of_the_own_addition() -> None:
    addition = Emission(
        event=events.WorkspaceMemberAdd, standing=Standing.DUE, identity={}, guild_id="g", subject="ben"
    )
    timeline = _timeline((_world("ana"), 1, 2), (_world("ana", "ben"), 40, 50))
    due = Duties(timeline).due(addition, _window(timeline, 40, 50, made=2), _connection("ben"))
    assert (due.duty, due.requirement) == (Duty.SHOULD, "SCOPE-8")


def test_a_new_channel_is_told_to_members_and_not_to_strangers() -> None:
    creation = Emission(
        event=events.ChannelCreate, standing=Standing.DUE, identity={}, guild_id="g", channel_id="d"
    )
    timeline = _timeline((_world("ana", "ben", channels=("c",)), 1, 2), (_world("ana", "ben"), 40, 50))
    duties, window = Duties(timeline), _window(timeline, 40, 50, made=2)
    assert duties.due(creation, window, _connection("ben", SUBSCRIBED)).duty is Duty.MUST
    assert duties.due(creation, window, _connection("eve")).duty is Duty.MUST_NOT


def test_a_channel_event_that_nobody_may_see_is_hidden_from_members() -> None:
    elsewhere = replace(MESSAGE, event=events.ChannelUpdate, channel_id="gone")
    due = _due(elsewhere, QUIET, _connection("ben", SUBSCRIBED), 20, 30)
    assert (due.duty, due.requirement) == (Duty.MUST_NOT, "LEAK-CHAN-1")


@pytest.mark.parametrize(
    ("ready", "began", "duty", "decided"),
    [
        (15, 4, Duty.MUST, True),
        (25, 4, Duty.MAY, False),  # the first frame came while the operation ran
        (NEVER, 4, Duty.MAY, False),
        (35, 31, Duty.MUST_NOT, True),  # the upgrade was sent after the answer
    ],
)
def test_connections_that_open_meanwhile(ready: int, began: int, duty: Duty, decided: bool) -> None:
    connection = _connection("ana", ready=ready)
    connection.began = began
    due = _due(PROFILE, QUIET, connection, 20, 30)
    assert (due.duty, due.decided) == (duty, decided)


DELETED = _timeline((_world("ana", "ben"), 1, 2), (_world("ana", "ben", channels=("d",)), 40, 60))
LEFT = replace(MESSAGE, event=events.VoiceParticipantLeave)


def test_what_the_deletion_of_a_channel_tells_there_reaches_its_former_subscribers() -> None:
    own = _window(DELETED, 40, 60, made=2)
    assert Duties(DELETED).due(LEFT, own, _connection("ben", SUBSCRIBED)).duty is Duty.MUST
    assert Duties(DELETED).due(LEFT, own, _connection("ben", ("d", 10, 11))).duty is Duty.MUST_NOT
    assert Duties(DELETED).due(LEFT, own, _connection("eve", SUBSCRIBED)).duty is Duty.MUST_NOT


def test_what_something_else_tells_there_meanwhile_is_left_open() -> None:
    due = _due(LEFT, DELETED, _connection("ben", SUBSCRIBED), 45, 50)
    assert (due.duty, due.decided) == UNDECIDED


def test_what_the_deletion_tells_is_left_open_where_the_guild_changed_besides() -> None:
    timeline = _timeline(
        (_world("ana", "ben"), 1, 2),
        (_world("ana", "ben", channels=("d",)), 40, 60),
        (_world("ana", channels=("d",)), 50, 70),
    )
    due = Duties(timeline).due(LEFT, _window(timeline, 40, 60, made=2), _connection("ben", SUBSCRIBED))
    assert (due.duty, due.decided) == UNDECIDED
