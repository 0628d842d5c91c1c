"""Frames that no operation of the scenario caused: features that are not driven."""

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Verdict
from tests.conformance.histories import FEATURES, NOW, found, ulid, user
from tests.conformance.stories import Story


def _judged(story: Story) -> ScenarioResult:
    story.close_scenario()
    return story.result()


def _presence(story: Story, name: str) -> dict[str, str]:
    return {"guild_id": story.guild, "user_id": user(name), "status": "online"}


def test_events_of_features_that_are_not_driven_are_explained_for_members() -> None:
    story = Story(declared=(*FEATURES, "presence", "voice", "roles"))
    story.frame(story.ben, "presence_sync", {"guild_id": story.guild, "user_ids": [user("ben")]})
    synced = {**story.place, "participants": [], "synced_at_unix": NOW}
    story.frame(story.ben, "voice_participant_sync", synced)
    story.frames(story.subscribed, "presence_update", _presence(story, "ben"))
    story.role("ana", "ben", "moderator")
    assigned = {
        "guild_id": story.guild,
        "user_id": user("ben"),
        "role_id": ulid(5),
        "assigned_at_unix": NOW,
    }
    story.frames(story.subscribed, "workspace_role_assignment_add", assigned)
    assert _judged(story).verdict is Verdict.PASS


def test_such_events_are_still_forbidden_to_strangers() -> None:
    story = Story(declared=(*FEATURES, "presence", "voice", "friends"))
    story.post("ana", "first")
    story.frame(story.eve, "presence_update", _presence(story, "ben"))
    left = {**story.place, "user_id": user("ben"), "identity": "x", "left_at_unix": NOW}
    story.frame(story.eve, "voice_participant_leave", left)
    removed = {"user_id": user("ben"), "friend_user_id": user("ana"), "removed_at_unix": NOW}
    story.frame(story.eve, "friend_remove", removed)
    result = _judged(story)
    assert [requirement for _, requirement, _ in found(result)] == ["PRES-5", "SCOPE-5", "SCOPE-6"]


def test_such_events_are_forbidden_after_the_own_removal() -> None:
    story = Story(declared=(*FEATURES, "presence"))
    story.kick("ana", "ben")
    story.frame(story.ben, "presence_update", _presence(story, "ana"))
    assert ("delivery", "ACCESS-3", "ben#1") in found(_judged(story))


def _told_to_ben(story: Story) -> Finding:
    """The finding of a presence that Ben is told of though he is no member, which he was not told."""
    story.frame(story.ben, "presence_update", _presence(story, "ana"))
    return next(one for one in _judged(story).findings if one.requirement == "PRES-5")


def test_the_removal_behind_such_an_event_is_named() -> None:
    story = Story(declared=(*FEATURES, "presence"))
    story.kick("ana", "ben", to=[story.ana])
    story.about("ben", "gone")
    finding = _told_to_ben(story)
    assert finding.cause is not None
    assert finding.cause.startswith("kick_member by ana")
    assert finding.expected == f"nothing of that guild after {finding.cause}"
    assert finding.excerpt[0].text.startswith("kick_member")


def test_who_never_was_a_member_was_removed_by_nothing() -> None:
    story = Story(declared=(*FEATURES, "presence"))
    story.post("ana", "first")
    story.kick("ana", "ben")
    story.frame(story.eve, "presence_update", _presence(story, "ana"))
    (finding,) = _judged(story).findings
    assert (finding.client, finding.expected, finding.cause) == ("eve#1", "nothing", None)


def test_events_of_an_undeclared_feature_deviate() -> None:
    story = Story()
    story.post("ana", "first")
    story.frame(story.ben, "presence_update", _presence(story, "ben"))
    result = _judged(story)
    assert found(result) == [("delivery", "EVT-4", "ben#1")]
    assert result.verdict is Verdict.LAX


def test_a_subscribe_answer_for_somebody_who_did_not_ask() -> None:
    story = Story(declared=(*FEATURES, "presence"))
    story.post("ana", "first")
    story.frame(story.eve, "presence_sync", {"guild_id": story.guild, "user_ids": [user("ben")]})
    assert found(_judged(story)) == [("delivery", "SCOPE-1", "eve#1")]
