"""The convergence judge: replica, snapshot and model, slice by slice."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import ReplicaTaken, SettleBegun, SettleEnded, SnapshotTaken
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import FEATURES, NOW, found, only, ulid, user
from tests.conformance.stories import ACCEPTED, MEMBER, MODERATOR, OWNER, Story


def _replica_of_ben(story: Story, key: str, value: Any) -> dict[int, dict[str, Any]]:
    return {story.ben: {key: value}}


def test_a_replica_that_missed_an_edit_names_event_and_cause() -> None:
    story = Story()
    note = story.post("ben", "first")
    stale = story.view("ben")[f"messages/{story.channel}"]
    op = story.edit("ben", note, "second")
    story.fence()
    right = story.view("ben")[f"messages/{story.channel}"]
    story.rest(replicas=_replica_of_ben(story, f"messages/{story.channel}", [*stale, *right[1:]]))
    story.end()
    finding = story.result().findings[0]
    assert (finding.judge, finding.requirement, finding.client) == ("convergence", "DELIV-10", "ben#1")
    assert (finding.event, finding.kind) == ("message_update", Kind.LIVENESS)
    assert (finding.expected, finding.received) == ("second", "first")
    assert finding.cause == f"edit_message by ben (op {op})"
    assert f"[{note}].content" in finding.message


def test_a_snapshot_that_lost_a_channel() -> None:
    story = Story()
    story.post("ben", "first")
    empty: dict[str, Any] = {f"channels/{story.guild}": []}
    story.rest(replicas={story.ben: empty}, snapshots={story.ben: empty})
    story.end()
    finding = only(story.result())
    assert (finding.requirement, finding.kind) == ("CHAN-1", Kind.CONTRACT)
    assert finding.cause == f"create_channel by ana (op {story.channel_op})"


def test_a_wrong_snapshot_is_not_blamed_on_a_replica_that_is_right() -> None:
    story = Story()
    story.post("ben", "first")
    story.rest(snapshots={story.ben: {f"members/{story.guild}": [user("ana")]}})
    story.end()
    assert found(story.result()) == [("convergence", "MEM-1", "ben#1")]


@pytest.mark.parametrize(
    ("change", "key", "value", "requirement"),
    [
        ("rename", "workspaces", "old", "DELIV-10"),
        ("role", "permissions", ["create_message", "subscribe_streams"], "CHAN-2"),
        ("delete", "messages", "kept", "MSG-DEL-1"),
    ],
)
def test_rest_that_does_not_know_the_last_change(change: str, key: str, value: Any, requirement: str) -> None:
    story = Story()
    note = story.post("ben", "first")
    before = story.view("ben")
    slices = {
        "workspaces": "workspaces",
        "permissions": f"permissions/{story.channel}",
        "messages": f"messages/{story.channel}",
    }
    if change == "rename":
        story.rename("ana", "new")
    elif change == "role":
        story.role("ana", "ben", "moderator")
    else:
        story.delete("ben", note)
    story.fence()
    stale = before[slices[key]]
    if key == "messages":
        stale = [*stale, *story.view("ben")[slices[key]]]
        story.post("ana", "filler")
        stale += story.view("ben")[slices[key]][-1:]
    story.fence()
    fresh = story.view("ben")[slices[key]]
    wrong = [*stale[:1], *fresh] if key == "messages" else stale
    story.settle({story.ben: ((story.guild,), story.view("ben") | {slices[key]: wrong})})
    story.end()
    assert {requirement for _, requirement, _ in found(story.result())} == {requirement}


def test_a_kicked_replica_that_keeps_the_workspace() -> None:
    story = Story("CLIENT-8")
    held = story.view("ben")
    story.kick("ana", "ben")
    story.rest(replicas={story.ben: {key: held[key] for key in ("workspaces", f"members/{story.guild}")}})
    story.end()
    result = story.result()
    assert {(judge, requirement) for judge, requirement, _ in found(result)} == {("convergence", "DELIV-10")}
    assert {finding.event for finding in result.findings} == {"workspace_member_remove"}


def test_slices_of_features_that_are_not_in_force_are_not_compared() -> None:
    features = tuple(name for name in FEATURES if name != "profile")
    story = Story(declared=FEATURES, features=features)
    story.post("ben", "first")
    nonsense = {f"profiles/{user('ben')}": {"username": "x"}, "voice/1": [1]}
    story.rest(replicas={story.ben: nonsense})
    story.end()
    assert story.result().verdict is Verdict.PASS


def test_messages_are_compared_where_the_connection_is_subscribed() -> None:
    story = Story()
    idle = story.open("ben")
    story.post("ben", "first")
    story.owners[idle] = "ben"
    story.rest(replicas={idle: {f"messages/{story.channel}": []}})
    story.end()
    assert story.result().findings == ()


def test_a_replica_that_forgot_its_workspace_is_compared_all_the_same() -> None:
    story = Story()
    story.post("ben", "first")
    story.fence()
    story.settle({story.ben: ((), {"workspaces": {}})})
    story.end()
    result = story.result()
    assert result.verdict is Verdict.FAIL
    assert {finding.requirement for finding in result.findings} == {"DELIV-10"}


def test_without_a_snapshot_the_model_alone_decides() -> None:
    for right in (True, False):
        story = Story()
        story.post("ben", "first")
        story.fence()
        view = story.view("ben")
        if not right:
            view[f"members/{story.guild}"] = [user("ana")]
        story.settle({story.ben: ((story.guild,), view)}, snapshots={})
        story.end()
        assert found(story.result()) == ([] if right else [("convergence", "DELIV-10", "ben#1")])


def test_an_event_between_replica_and_snapshot_is_no_difference() -> None:
    story = Story()
    story.post("ben", "first")
    story.fence()
    guilds = (story.guild,)
    at = story.now()
    story.add(SettleBegun(at=at, settle=77))
    believed = story.slices(story.view("ben"))
    story.add(ReplicaTaken(at=at, settle=77, connection=story.ben, guilds=guilds, slices=believed))
    story.post("ana", "in between")
    told = story.slices(story.view("ben"))
    story.add(SnapshotTaken(at=at, settle=77, connection=story.ben, guilds=guilds, slices=told))
    story.add(SettleEnded(at=story.now(), settle=77))
    story.end()
    assert story.result().verdict is Verdict.PASS


def test_an_unlearnt_profile_is_compared_with_rest_alone() -> None:
    story = Story()
    story.post("ben", "first")
    op = story.invoke("eve", ops.UpdateProfile(about_markdown="maybe"))
    story.answer(op, None)
    story.begin("test/later")
    story.post("ben", "second")
    profile = {"username": "eve", "about_markdown": "x", "avatar_version": 0, "banner_version": 0}
    key = f"profiles/{user('eve')}"
    story.rest(replicas={story.eve: {key: profile}}, snapshots={story.eve: {key: profile}})
    story.end("test/later")
    # The fence taught the model the profile again.
    assert found(story.result("test/later")) == [("convergence", "DELIV-10", "eve#1")]


def test_a_stranger_who_is_told_a_workspace() -> None:
    story = Story()
    story.post("ben", "first")
    known = {"workspaces": {story.guild: {"name": "room", "visibility": "private"}}}
    story.rest(replicas={story.eve: known}, snapshots={story.eve: known})
    story.end()
    assert found(story.result()) == [("convergence", "GUILD-2", "eve#1")]


def test_permissions_out_of_canonical_order() -> None:
    story = Story()
    story.role("ana", "ben", "moderator")
    wrong = {f"permissions/{story.channel}": MODERATOR[::-1]}
    story.rest(replicas={story.ben: wrong}, snapshots={story.ben: wrong})
    story.end()
    finding = only(story.result())
    assert finding.requirement == "CHAN-2"
    assert "(order)" in finding.message


def test_a_new_member_appears() -> None:
    story = Story("MEM-2", "MEM-1")
    op = story.invoke("ana", ops.AddMember(guild_id=story.guild, user_id=user("eve")))
    story.frames([*story.subscribed, story.eve], "workspace_member_add", story.addition("eve"))
    story.answer(op, 200, ACCEPTED)
    story.roles["eve"] = "member"
    story.fence()
    story.settle({story.ben: ((story.guild,), story.view("ben"))})
    story.end()
    assert story.result().verdict is Verdict.PASS


def test_a_slice_whose_body_is_missing_is_a_difference() -> None:
    story = Story()
    story.post("ben", "first")
    story.fence()
    story.settle({story.ben: ((story.guild,), story.view("ben"))})
    story.end()
    wrong = {f"members/{story.guild}": [ulid(1)]}
    lost = story.slices(wrong)
    for index, record in enumerate(story.records):
        if isinstance(record, ReplicaTaken):
            slices = {**record.slices, **lost}
            story.records[index] = ReplicaTaken(
                at=record.at,
                settle=record.settle,
                connection=record.connection,
                guilds=record.guilds,
                slices=slices,
            )
    assert found(story.result()) != []


def _with_role(name: str, *more: str) -> Story:
    """Ben is given a role without rights that is called so, and REST says that he has more."""
    story = Story("ROLE-9", declared=(*FEATURES, "roles"))
    role_id = story.id()
    role = {"role_id": role_id, "name": name, "position": 2, "is_system": False, "permissions": []}
    guild_id = story.guild
    create = ops.CreateRole(guild_id=guild_id, role_name=name, permissions=[], position=2)
    op = story.invoke("ana", create)
    story.frames(story.subscribed, "workspace_role_create", {"guild_id": guild_id, "role": role})
    story.answer(op, 200, role | {"color_hex": None})
    op = story.invoke("ana", ops.AssignRole(guild_id=guild_id, role_id=role_id, user_id=user("ben")))
    given = {"guild_id": guild_id, "user_id": user("ben"), "role_id": role_id, "assigned_at_unix": NOW}
    story.frames(story.subscribed, "workspace_role_assignment_add", given)
    story.answer(op, 200, {"accepted": True})
    told = [one for one in OWNER if one in (*MEMBER, *more)]
    wrong = {f"permissions/{story.channel}": told}
    story.rest(
        replicas={story.ben: wrong, story.ben2: wrong}, snapshots={story.ben: wrong, story.ben2: wrong}
    )
    story.end()
    return story


@pytest.mark.parametrize("name", ["owner", "admin", "Moderator", "workspace_Owner"])
def test_the_name_of_a_role_gives_nothing(name: str) -> None:
    result = _with_role(name).result()
    assert found(result) == []
    assert result.witnesses["ROLE-9"] > 0


@pytest.mark.parametrize(
    ("name", "more", "broken"),
    [
        ("admin", OWNER, "ROLE-9"),
        ("Moderator", ["delete_message"], "ROLE-9"),
        ("owner", ["manage_roles", "publish_video"], "ROLE-9"),
        ("gardeners", ["delete_message"], "PERM-3"),
    ],
)
def test_a_role_gives_what_its_name_sounds_like(name: str, more: list[str], broken: str) -> None:
    told = found(_with_role(name, *more).result())
    assert set(told) == {("convergence", broken, "ben#1"), ("convergence", broken, "ben#2")}


def test_a_role_with_any_other_name_shows_nothing_of_names() -> None:
    assert "ROLE-9" not in _with_role("gardeners").result().witnesses
