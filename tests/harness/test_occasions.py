"""What an event asks a client to read again: table 9.3, no more and no less."""

from typing import Any

import pytest

from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.conformance.contract.vectors import all_vectors
from sync_check.harness.decoding import Decoder
from sync_check.harness.occasions import FEATURE_OF_READING, asked_by, in_force, whole_guild
from sync_check.harness.refetch import Reading, Refetch
from sync_check.harness.state import State, make_asked, make_live
from tests.harness.portrait import state_of
from tests.harness.wire import (
    BEN,
    EVE,
    FEATURES,
    GENERAL,
    GUILD,
    ME,
    NOW,
    OTHER,
    RANDOM,
    add_frame,
    make_id,
    promote_frame,
)

ROLE = make_id(40)
GUILDS = Refetch(Reading.GUILDS)
CHANNELS, ROLES, MEMBERS = (
    Refetch(what, GUILD) for what in (Reading.CHANNELS, Reading.ROLES, Reading.MEMBERS)
)
OWN = {channel: Refetch(Reading.PERMISSIONS, GUILD, channel) for channel in (GENERAL, RANDOM)}


def member_state() -> State:
    state = state_of({"user_id": ME, "workspaces": {GUILD: {"name": "a", "visibility": "private"}}})
    for channel in (GENERAL, RANDOM):
        state = make_live(state, GUILD, channel)
    return state


def asked(name: str, **payload: Any) -> tuple[Refetch, ...]:
    event = EVENTS[name].model_validate({"guild_id": GUILD, **payload})
    return asked_by(member_state(), event, ALL_FEATURES)


def override(**target: str) -> tuple[Refetch, ...]:
    name = "role" if "role" in target else "permission"
    return asked(
        f"workspace_channel_{name}_override_update",
        channel_id=RANDOM,
        updated_fields={"allow": [], "deny": []},
        updated_at_unix=NOW,
        **target,
    )


def test_ready_asks_for_what_needs_no_workspace() -> None:
    event = EVENTS["ready"].model_validate({"user_id": ME})
    personal = (Reading.PROFILE, Reading.FRIENDS, Reading.FRIEND_REQUESTS)
    assert asked_by(State(), event, ALL_FEATURES) == tuple(map(Refetch, personal))
    assert asked_by(State(), event, FEATURES) == (Refetch(Reading.PROFILE),)


def test_a_first_subscription_asks_for_the_whole_workspace() -> None:
    event = EVENTS["subscribed"].model_validate({"guild_id": GUILD, "channel_id": GENERAL})
    state = make_asked(State(), GUILD, GENERAL)
    assert asked_by(State(), event, ALL_FEATURES) == ()
    assert asked_by(state, event, ALL_FEATURES) == (
        GUILDS,
        CHANNELS,
        ROLES,
        MEMBERS,
        OWN[GENERAL],
        Refetch(Reading.MESSAGES, GUILD, GENERAL),
    )


@pytest.mark.parametrize("target", [{"role": "member"}, {"target_kind": "role", "target_id": ROLE}])
def test_an_override_of_a_role_asks_for_the_own_access_to_its_channel(target: dict[str, str]) -> None:
    assert override(**target) == (CHANNELS, OWN[RANDOM])


def test_an_override_of_a_member_concerns_that_member() -> None:
    assert override(target_kind="member", target_id=ME) == (CHANNELS, OWN[RANDOM])
    assert override(target_kind="member", target_id=BEN) == ()


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("workspace_role_update", {"role_id": ROLE, "updated_fields": {"name": "x"}, "updated_at_unix": NOW}),
        ("workspace_role_delete", {"role_id": ROLE, "deleted_at_unix": NOW}),
        ("workspace_role_reorder", {"role_ids": [ROLE], "updated_at_unix": NOW}),
        ("workspace_role_assignment_add", {"user_id": ME, "role_id": ROLE, "assigned_at_unix": NOW}),
        ("workspace_role_assignment_remove", {"user_id": ME, "role_id": ROLE, "removed_at_unix": NOW}),
    ],
)
def test_roles_and_own_assignments_ask_for_the_own_access_everywhere(
    name: str, payload: dict[str, Any]
) -> None:
    assert asked(name, **payload) == (CHANNELS, OWN[GENERAL], OWN[RANDOM])
    if "user_id" in payload:
        assert asked(name, **{**payload, "user_id": BEN}) == ()


def test_a_legacy_role_asks_for_roles_and_assignments_and_the_own_for_access_too() -> None:
    payload = {"updated_fields": {"role": "moderator"}, "updated_at_unix": NOW}
    assert asked("workspace_member_update", user_id=BEN, **payload) == (ROLES, MEMBERS)
    assert asked("workspace_member_update", user_id=ME, **payload) == (
        CHANNELS,
        OWN[GENERAL],
        OWN[RANDOM],
        ROLES,
        MEMBERS,
    )


def test_where_there_are_no_roles_nobody_reads_assignments() -> None:
    decoder = Decoder()
    for user, wanted in ((ME, (CHANNELS, OWN[GENERAL], OWN[RANDOM])), (BEN, ())):
        event = decoder.decode(promote_frame(user)).event
        assert event is not None
        assert asked_by(member_state(), event, FEATURES) == wanted


def test_being_added_asks_for_the_workspace_also_a_foreign_one() -> None:
    decoder = Decoder()
    own, other = (decoder.decode(add_frame(user, OTHER)).event for user in (ME, EVE))
    assert own is not None
    assert other is not None
    lists = (Reading.CHANNELS, Reading.ROLES, Reading.MEMBERS)
    assert asked_by(member_state(), own, ALL_FEATURES) == (GUILDS, *(Refetch(what, OTHER) for what in lists))
    assert asked_by(member_state(), other, ALL_FEATURES) == ()


def test_no_other_event_asks_for_anything() -> None:
    asking = set()
    decoder = Decoder()
    for vector in all_vectors():
        event = decoder.decode(vector.text).event
        if event is not None and asked_by(state_of(vector.before), event, ALL_FEATURES):
            asking.add(event.name)
    assert asking == {
        "ready",
        "subscribed",
        "workspace_member_add",
        "workspace_member_update",
        "workspace_role_update",
        "workspace_role_delete",
        "workspace_role_reorder",
        "workspace_role_assignment_add",
        "workspace_role_assignment_remove",
        "workspace_channel_override_update",
        "workspace_channel_role_override_update",
        "workspace_channel_permission_override_update",
    }


def test_a_foreign_workspace_asks_for_nothing_but_when_one_is_added_to_it() -> None:
    decoder = Decoder()
    for vector in all_vectors():
        event = decoder.decode(vector.text).event
        if event is not None and vector.id.endswith("/unheld/guild"):
            assert asked_by(state_of(vector.before), event, ALL_FEATURES) == (), vector.id


def test_readings_are_in_force_with_their_feature_and_wanted_once() -> None:
    wanted = whole_guild(GUILD, (GENERAL,)) * 2
    assert in_force(wanted, ALL_FEATURES) == wanted[: len(wanted) // 2]
    bare = {refetch.what for refetch in in_force(wanted, frozenset())}
    assert bare == {Reading.CHANNELS, Reading.PERMISSIONS}
    assert set(Reading) - FEATURE_OF_READING.keys() == {*bare, Reading.GUILDS}
