"""What each revision holds: revision 1 knows no later name and the overrides by one."""

from collections.abc import Iterator

import pytest

from sync_check.conformance.contract import events
from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.export.revision import (
    REVISIONS,
    Cause,
    Revision,
    UnknownRevision,
    revision,
)
from sync_check.conformance.contract.features import SINCE, Feature
from sync_check.conformance.contract.operations import (
    COMMANDS,
    OPERATIONS,
    TRIGGERS,
    DeleteChannel,
    KickMember,
    OverridePermission,
    OverrideRole,
    Subscribe,
)
from sync_check.conformance.contract.requirements import REQUIREMENTS

# Column "Since" of the catalogue, and contract 0.3.
NEW_EVENTS = {
    "channel_reorder",
    "profile_banner_update",
    "voice_participant_join",
    "voice_participant_leave",
    "voice_participant_sync",
    "voice_participant_update",
    "voice_stream_publish",
    "voice_stream_unpublish",
    "workspace_channel_permission_override_update",
    "workspace_channel_role_override_update",
}
NEW_OPERATIONS = {
    "issue_voice_token",
    "leave_voice",
    "read_banner",
    "reorder_channels",
    "update_voice_state",
    "upload_banner",
}
FIRST, SECOND = revision(1), revision(2)


def causes(edition: Revision) -> tuple[Cause, ...]:
    return (*edition.operations(), *edition.commands(), *edition.triggers())


def told(edition: Revision) -> Iterator[str]:
    for cause in causes(edition):
        yield from (event.name for event in edition.causes(cause) + edition.companions(cause))


def test_the_second_revision_holds_everything() -> None:
    assert {event.name for event in SECOND.events()} == EVENTS.keys()
    assert {operation.name for operation in SECOND.operations()} == OPERATIONS.keys()
    assert {command.name for command in SECOND.commands()} == COMMANDS.keys()
    assert SECOND.triggers() == TRIGGERS
    assert SECOND.features() == tuple(Feature)
    assert [rule.id for rule in SECOND.requirements()] == list(REQUIREMENTS)


def test_the_first_revision_lacks_what_came_later() -> None:
    assert EVENTS.keys() - {event.name for event in FIRST.events()} == NEW_EVENTS
    assert OPERATIONS.keys() - {one.name for one in FIRST.operations()} == NEW_OPERATIONS
    assert set(Feature) - set(FIRST.features()) == {
        Feature.VOICE,
        Feature.PROFILE_BANNER,
        Feature.CHANNELS_REORDER,
    }


def test_rules_and_limits_of_missing_features_are_missing() -> None:
    missing = REQUIREMENTS.keys() - {rule.id for rule in FIRST.requirements()}
    assert missing == {"CHAN-6", "CHAN-7", *(f"VOICE-{number}" for number in range(1, 7))}
    gone = SECOND.limits().keys() - FIRST.limits().keys()
    assert {"banner_bytes", "voice_participants", "voice_lease_s"} <= gone
    assert {name for name in gone if not name.startswith("voice_")} == {"banner_bytes"}


@pytest.mark.witnesses("EVT-5")
def test_each_revision_has_its_names_for_overrides() -> None:
    single = events.WorkspaceChannelOverrideUpdate
    for operation, split in (
        (OverrideRole, events.WorkspaceChannelRoleOverrideUpdate),
        (OverridePermission, events.WorkspaceChannelPermissionOverrideUpdate),
    ):
        assert FIRST.causes(operation) == (single,)
        assert FIRST.companions(operation) == ()
        assert SECOND.causes(operation) == (split,)
        assert single in SECOND.companions(operation)


@pytest.mark.parametrize("number", REVISIONS)
def test_nothing_is_told_that_the_revision_does_not_have(number: int) -> None:
    edition = revision(number)
    assert set(told(edition)) == {event.name for event in edition.events()}


def test_an_event_comes_with_its_feature() -> None:
    # A name that needs a later feature is not older than the feature.
    late = {event.name for event in EVENTS.values() if event.feature and SINCE.get(event.feature, 1) > 1}
    assert late <= NEW_EVENTS


def test_the_end_of_a_connection_is_quiet_about_voice_before_it_existed() -> None:
    heard = {trigger.name: FIRST.causes(trigger) for trigger in FIRST.triggers()}
    assert heard == {"connect": (events.Ready,), "end of a connection": (events.PresenceUpdate,)}


def test_remarks_grow_with_the_revision() -> None:
    assert FIRST.remark(DeleteChannel) == ""
    assert "departures" in SECOND.remark(DeleteChannel)
    assert "departure" not in FIRST.remark(KickMember)
    assert FIRST.remark(Subscribe) == SECOND.remark(Subscribe) != ""


@pytest.mark.parametrize("number", REVISIONS)
def test_remarks_of_a_revision_name_only_its_events(number: int) -> None:
    edition = revision(number)
    known = {event.name for event in edition.events()}
    for cause in causes(edition):
        named = {name for name in EVENTS if name in edition.remark(cause).split()}
        assert named <= known


def test_order_is_that_of_the_catalogue() -> None:
    names = [event.name for event in SECOND.events()]
    assert names[:3] == ["ready", "subscribed", "presence_sync"]
    assert names.index("message_create") < names.index("channel_create") < names.index("workspace_update")
    operations = [operation.name for operation in SECOND.operations()]
    assert operations[0] == "register"
    assert (
        operations.index("upload_avatar")
        < operations.index("create_guild")
        < operations.index("create_message")
    )


@pytest.mark.parametrize("number", [0, 3, -1])
def test_an_unknown_revision_is_named(number: int) -> None:
    with pytest.raises(UnknownRevision) as caught:
        revision(number)
    assert caught.value.number == number
    assert str(caught.value) == f"the contract has no revision {number}; there are 1 and 2"
