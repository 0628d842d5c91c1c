"""Who is listed as online to a subscriber."""

import pytest

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import user
from tests.conformance.live_stories import LiveStory, findings, only_of


def _judged(story: LiveStory) -> ScenarioResult:
    return story.judged()


def _listed(*names: str) -> LiveStory:
    """Ben comes in a third session and is told that these are online."""
    story = LiveStory("PRES-2")
    story.rest()
    third = story.open("ben")
    story.owners[third] = "ben"
    story.subscribed.append(third)
    story.ask(third)
    story.list_online(third, names)
    story.enter(third)
    story.confirm(third)
    story.list_voices(third)
    return story


@pytest.mark.parametrize("names", [("ana", "ben"), ("ben", "ana")])
def test_the_users_online_in_any_order(names: tuple[str, ...]) -> None:
    result = _judged(_listed(*names))
    assert (result.verdict, result.findings) == (Verdict.PASS, ())
    assert result.witnesses["PRES-2"] == 4


@pytest.mark.parametrize(
    ("names", "requirement", "message"),
    [
        (("ben",), "PRES-2", "ana is online and not listed"),
        (("ana",), "PRES-2", "ben is online and not listed"),
        (("ana", "ben", "ana"), "PRES-2", "ana is listed twice"),
        (("ana", "ben", "eve"), "PRES-5", "eve is listed as online and is no member"),
    ],
)
def test_another_list(names: tuple[str, ...], requirement: str, message: str) -> None:
    finding = only_of(_judged(_listed(*names)), "presence")
    assert (finding.requirement, finding.client, finding.message) == (requirement, "ben#3", message)


def test_a_member_who_is_not_there() -> None:
    story = LiveStory()
    story.rest()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.later()
    story.rest()
    story.ask(story.ana)
    story.list_online(story.ana, ["ana", "ben"])
    story.confirm(story.ana)
    story.list_voices(story.ana)
    finding = only_of(_judged(story), "presence")
    assert (finding.requirement, finding.kind) == ("PRES-2", Kind.SAFETY)
    assert finding.message == "ben is listed as online and is not"
    assert finding.received == "ana, ben"


@pytest.mark.parametrize("names", [("ana", "ben"), ("ana",)])
def test_who_has_just_gone_may_still_be_listed(names: tuple[str, ...]) -> None:
    story = LiveStory()
    story.rest()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.ask(story.ana)
    story.list_online(story.ana, names)
    story.confirm(story.ana)
    story.list_voices(story.ana)
    assert findings(_judged(story), "presence") == []


@pytest.mark.parametrize("names", [("ana", "ben"), ("ana",)])
def test_who_comes_at_the_same_time_may_be_listed(names: tuple[str, ...]) -> None:
    story = LiveStory()
    story.leave(story.ben)
    story.leave(story.ben2)
    story.later()
    story.rest()
    back = story.open("ben")
    story.owners[back] = "ben"
    story.ask(back)
    story.ask(story.ana)
    story.list_online(story.ana, names)
    story.list_online(back)
    story.enter(back)
    story.confirm(back)
    story.list_voices(back)
    story.confirm(story.ana)
    story.list_voices(story.ana)
    story.subscribed.append(back)
    assert findings(_judged(story), "presence") == []


def test_a_list_for_somebody_who_was_removed() -> None:
    story = LiveStory()
    story.kick("ana", "ben")
    story.rest()
    story.ask(story.ben)
    story.frame(story.ben, "presence_sync", {"guild_id": story.guild, "user_ids": [user("ana")]})
    assert ("PRES-5", "ben#1") in findings(_judged(story), "presence")
