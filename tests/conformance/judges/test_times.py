"""Moments are those at which things happened, by the target's clock (ENV-10)."""

from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import OperationAnswered, Purpose
from sync_check.conformance.verdict import Finding, Verdict
from tests.conformance.address_stories import AddressStory
from tests.conformance.histories import NOW, user
from tests.conformance.stories import Story

AN_HOUR = 3600


def dated(story: Story, unix: int) -> None:
    """Have the first answer tell what the target's clock says."""
    first = next(one for one in story.records if isinstance(one, OperationAnswered))
    place = story.records.index(first)
    story.records[place] = replace(first, headers={"date": formatdate(unix, usegmt=True)})


def wrong(story: Story) -> list[Finding]:
    """What the judge finds."""
    story.close_scenario()
    return [one for one in story.result().findings if one.judge == "times"]


def broken(story: Story) -> list[str]:
    return [finding.message.split(" is ")[0] for finding in wrong(story)]


def renamed(unix: int, *, clock: int | None = None) -> Story:
    """A story whose one rename was at a moment, by a clock that said something as it began."""
    story = Story()
    if clock is not None:
        dated(story, clock)
    story.rename("ana", "newer", updated_at_unix=unix)
    return story


# --- events


@pytest.mark.witnesses("ENV-10")
def test_what_happened_just_now() -> None:
    story = Story("ENV-10")
    dated(story, NOW)
    story.edit("ana", story.post("ana", "first"), "second")
    story.delete("ben", story.post("ben", "another"))
    story.kick("ana", "ben")
    story.close_scenario()
    result = story.result()
    assert result.verdict is Verdict.PASS
    assert result.witnesses["ENV-10"]
    assert result.evidence["times"]


@pytest.mark.witnesses("ENV-10")
@pytest.mark.parametrize("unix", [NOW - 4, NOW, NOW + 5])
def test_a_moment_may_be_off_by_five_seconds(unix: int) -> None:
    assert broken(renamed(unix, clock=NOW)) == []


@pytest.mark.witnesses("ENV-10")
@pytest.mark.parametrize("unix", [1, NOW - AN_HOUR, NOW - 10, NOW + 12, NOW + AN_HOUR, NOW * 1000])
def test_another_moment_is_found(unix: int) -> None:
    (finding,) = wrong(renamed(unix, clock=NOW))
    assert (finding.requirement, finding.received) == ("ENV-10", str(unix))
    assert finding.event == "workspace_update"
    assert finding.cause is not None


@pytest.mark.parametrize("unix", [1, NOW * 1000])
def test_another_unit_is_found_where_no_answer_tells_what_time_it_is(unix: int) -> None:
    assert broken(renamed(unix)) == ["workspace_update: updated_at_unix"]


def test_a_clock_of_which_nothing_is_known_may_be_hours_off() -> None:
    assert broken(renamed(NOW + 12 * AN_HOUR)) == []


def test_a_clock_that_is_hours_off_is_the_one_that_counts() -> None:
    ahead = NOW + 12 * AN_HOUR
    story = Story()
    dated(story, ahead)
    story.rename("ana", "newer", updated_at_unix=ahead)
    story.rename("ana", "newest", updated_at_unix=NOW)
    found = wrong(story)
    # The fences of the story, too, tell what time it is here.
    assert str(NOW) in {finding.received for finding in found}
    assert str(ahead) not in {finding.received for finding in found}


def test_a_clock_may_be_set_in_a_run() -> None:
    story = Story()
    dated(story, NOW)
    story.call("ana", ops.OwnProfile(), body=story.profile("ana"), purpose=Purpose.SETUP)
    last = story.records[-1]
    assert isinstance(last, OperationAnswered)
    story.records[-1] = replace(last, headers={"date": formatdate(NOW + AN_HOUR, usegmt=True)})
    story.rename("ana", "newer", updated_at_unix=NOW + AN_HOUR)
    assert broken(story) == []


def test_a_date_that_tells_nothing_is_as_none() -> None:
    story = renamed(NOW + 12 * AN_HOUR)
    first = next(one for one in story.records if isinstance(one, OperationAnswered))
    story.records[story.records.index(first)] = replace(first, headers={"date": "soon"})
    assert broken(story) == []


def test_a_field_is_told_of_once() -> None:
    story = renamed(1, clock=NOW)
    story.rename("ana", "newest", updated_at_unix=2)
    story.edit("ana", story.post("ana", "first"), "second", updated_at_unix=3)
    assert broken(story) == ["workspace_update: updated_at_unix", "message_update: updated_at_unix"]


def test_a_message_is_told_when_it_was_made() -> None:
    story = Story()
    dated(story, NOW)
    made = {**story.message(story.id(), "ana", "first"), "created_at_unix": 1}
    op = story.invoke("ana", ops.CreateMessage(**story.place, content="first"))
    story.frames(story.subscribed, "message_create", made)
    story.answer(op, 200, made)
    story.messages[made["message_id"]] = made
    assert broken(story) == ["message_create: created_at_unix", "create_message: created_at_unix"]


# --- answers


def audited(*moments: int) -> AddressStory:
    """A story of a role given to `ben`, of which the audit log tells at these moments: join, ban, role."""
    story = AddressStory()
    dated(story, NOW)
    story.wait(100)
    story.role("ana", "ben", "moderator", updated_at_unix=NOW + 100)
    told: list[tuple[str, str]] = [("member.role.update", "ana"), ("directory.join.accepted", "ben")]
    rows: list[dict[str, Any]] = [
        {
            "audit_id": story.id(),
            "actor_user_id": user(actor),
            "target_user_id": user("ben"),
            "action": action,
            "created_at_unix": unix,
            "ip_ban_match": False,
        }
        for (action, actor), unix in zip(told, moments, strict=True)
    ]
    story.call("ana", ops.ReadAudit(guild_id=story.guild), 200, {"events": rows, "next_cursor": None})
    return story


def of_the_log(story: AddressStory) -> set[str]:
    """Whether the log is found; other events of the story tell what time it was at its beginning."""
    return {told for told in broken(story) if told.startswith("read_audit")}


def test_a_row_tells_when_it_was_written() -> None:
    assert of_the_log(audited(NOW + 100, NOW)) == set()


@pytest.mark.parametrize(
    "moments",
    [
        (NOW + 100, 1),
        (NOW * 1000, NOW),
        (NOW + 50, NOW),
        (NOW, NOW),
    ],
)
def test_a_row_that_tells_another_moment(moments: tuple[int, int]) -> None:
    assert of_the_log(audited(*moments)) == {"read_audit: events[].created_at_unix"}


@pytest.mark.parametrize(
    ("unix", "found"), [(NOW, []), (1, [True]), (NOW * 1000, [True]), (NOW + 99, [True])]
)
def test_a_ban_tells_when_it_was_made(unix: int, found: list[bool]) -> None:
    story = AddressStory()
    dated(story, NOW)
    (ban_id,) = story.ban_addresses()
    ban = {"ban_id": ban_id, "source_user_id": user("ben"), "reason": None, "expires_at_unix": None}
    body = {"bans": [{**ban, "created_at_unix": unix}], "next_cursor": None}
    story.call("ana", ops.ListIpBans(guild_id=story.guild), 200, body)
    assert [told == "list_ip_bans: bans[].created_at_unix" for told in broken(story)] == found
