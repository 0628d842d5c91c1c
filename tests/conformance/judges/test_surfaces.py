"""The surfaces judge: walks in small pages, and refusals that tell nothing."""

from collections.abc import Sequence
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import EndOfConnection, Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Verdict
from tests.conformance.address_stories import AddressStory
from tests.conformance.histories import NOW, ulid, user
from tests.conformance.stories import Story


def _judged(story: Story) -> ScenarioResult:
    story.close_scenario()
    return story.result()


def _found(result: ScenarioResult) -> list[tuple[str, str | None]]:
    return [(f.requirement, f.client) for f in result.findings if f.judge == "surfaces"]


def _pages(story: Story, *pages: tuple[list[str], str | None], limit: int = 1, who: str = "ana") -> None:
    """Walk the members: user ids and the cursor of each page."""
    cursor = None
    for users, following in pages:
        body = {
            "members": [{"user_id": one, "role_ids": []} for one in users],
            "next_cursor": following,
        }
        asked = ops.ListMembers(guild_id=story.guild, limit=limit, cursor=cursor)
        story.call(who, asked, body=body, purpose=Purpose.SURFACE)
        cursor = following


def _members() -> list[str]:
    return sorted([user("ana"), user("ben")])


def test_each_member_once_in_pages_of_one() -> None:
    story = Story("PAGE-1", "PAGE-2")
    story.post("ben", "first")
    first, second = _members()
    _pages(story, ([first], first), ([second], None))
    result = _judged(story)
    assert result.verdict is Verdict.PASS
    assert result.evidence["walks"] == 1
    assert result.witnesses["PAGE-1"] == 1


def test_an_empty_last_page_is_allowed() -> None:
    story = Story()
    story.post("ben", "first")
    first, second = _members()
    _pages(story, ([first], first), ([second], second), ([], None))
    assert _judged(story).verdict is Verdict.PASS


def test_an_item_on_two_pages() -> None:
    story = Story()
    first, second = _members()
    _pages(story, ([first], first), ([first], second), ([second], None))
    assert ("PAGE-1", "ana") in _found(_judged(story))


def test_an_item_on_no_page() -> None:
    story = Story()
    first, second = _members()
    _pages(story, ([first, second], None), limit=2)
    _pages(story, ([first], None))
    assert _found(_judged(story)) == [("PAGE-1", "ana")]


def test_more_items_than_asked_for() -> None:
    story = Story()
    first, second = _members()
    _pages(story, ([first, second], None))
    assert _found(_judged(story)) == [("PAGE-2", "ana")]


def test_a_walk_over_a_list_that_changes_is_not_judged() -> None:
    story = Story()
    first, second = _members()
    page: dict[str, Any] = {"members": [{"user_id": first, "role_ids": []}], "next_cursor": first}
    limited = ops.ListMembers(guild_id=story.guild, limit=1)
    story.call("ana", limited, body=page, purpose=Purpose.SURFACE)
    story.rename("ana", "new")
    again = ops.ListMembers(guild_id=story.guild, limit=1, cursor=first)
    page = {"members": [{"user_id": first, "role_ids": []}], "next_cursor": None}
    story.call("ana", again, body=page, purpose=Purpose.SURFACE)
    assert _found(_judged(story)) == []
    assert second


def test_a_refused_surface_witnesses_secrecy() -> None:
    story = Story()
    story.post("ben", "first")
    listing = ops.ListMembers(guild_id=story.guild)
    story.call("eve", listing, 403, {"error": "forbidden"}, purpose=Purpose.SURFACE)
    result = _judged(story)
    assert result.evidence["surfaces"] == 1
    assert result.witnesses["LEAK-READ-1"]


# --- the end of a walk


def _log(story: Story, *pages: tuple[list[str], str | None], limit: int = 1) -> None:
    """Walk an audit log: ids of rows and the cursor of each page."""
    cursor = None
    for rows, following in pages:
        events = [
            {
                "audit_id": row,
                "actor_user_id": user("ana"),
                "target_user_id": None,
                "action": "role.create",
                "created_at_unix": NOW,
                "ip_ban_match": False,
            }
            for row in rows
        ]
        asked = ops.ReadAudit(guild_id=story.guild, limit=limit, cursor=cursor)
        body = {"events": events, "next_cursor": following}
        story.call("ana", asked, body=body, purpose=Purpose.SURFACE)
        cursor = following


def test_an_empty_page_of_a_log_may_lead_on() -> None:
    story = AddressStory("PAGE-2")
    newer, older = ulid(9), ulid(8)
    _log(story, ([newer], "one"), ([], "two"), ([older], "three"), ([], None))
    assert _found(_judged(story)) == []


def test_a_log_that_never_ends() -> None:
    story = AddressStory()
    _log(story, ([ulid(9)], "one"), ([], "two"), ([], "three"))
    assert _found(_judged(story)) == [("PAGE-2", "ana")]


ENDLESS: Sequence[tuple[list[str], str | None]] = (([ulid(9)], "one"), ([], "two"), ([], "three"))


def _unanswered(how: EndOfConnection | None) -> AddressStory:
    """Nothing answers a command, on a connection that ends so, if at all."""
    story = AddressStory()
    story.send(story.ben, ops.SendMessage(**story.place, content="nobody hears of it"))
    if how is not None:
        story.close(story.ben, how)
        del story.owners[story.ben]
        story.subscribed.remove(story.ben)
    return story


def test_a_command_may_be_written_down_until_everybody_is_at_rest_after_the_target_ended_its_connection() -> (
    None
):
    for is_at_rest in (False, True):
        story = _unanswered(EndOfConnection.CLOSED_BY_TARGET)
        if is_at_rest:
            story.rest()
        _log(story, *ENDLESS)
        assert (("PAGE-2", "ana") in _found(_judged(story))) == is_at_rest


def test_a_settle_in_which_somebody_did_not_come_to_rest_bounds_nothing() -> None:
    story = _unanswered(EndOfConnection.CLOSED_BY_TARGET)
    story.rest(void="ana missed a fence")
    _log(story, *ENDLESS)
    assert _found(_judged(story)) == []


@pytest.mark.parametrize("how", [None, EndOfConnection.CLOSED_BY_US])
def test_a_command_on_a_connection_that_the_target_did_not_end_may_be_written_down_later(
    how: EndOfConnection | None,
) -> None:
    story = _unanswered(how)
    story.rest()
    _log(story, *ENDLESS)
    assert _found(_judged(story)) == []


def test_a_row_that_was_read_before_must_be_in_a_later_walk() -> None:
    story = AddressStory()
    first, second, third = ulid(9), ulid(8), ulid(7)
    _log(story, ([first, second, third], None), limit=100)
    _log(story, ([first], "one"), ([third], None))
    assert _found(_judged(story)) == [("PAGE-1", "ana")]


def test_a_log_may_write_down_that_it_was_read() -> None:
    story = AddressStory()
    oldest, read, again = ulid(7), ulid(8), ulid(9)
    _log(story, ([oldest], None), limit=100)
    _log(story, ([read], "one"), ([oldest], None))
    _log(story, ([again], "one"), ([read], "two"), ([oldest], None))
    assert _found(_judged(story)) == []


def test_a_log_whose_cursor_leads_back() -> None:
    story = AddressStory()
    _log(story, ([ulid(9)], "one"), ([], "one"))
    assert _found(_judged(story)) == [("PAGE-2", "ana")]


def test_members_whose_last_page_leads_on() -> None:
    story = Story()
    first, second = _members()
    _pages(story, ([first], first), ([second], second), ([], "more"))
    assert _found(_judged(story)) == [("PAGE-2", "ana")]


def test_a_walk_that_begins_again() -> None:
    story = Story()
    first, second = _members()
    _pages(story, ([first, second], second), ([first, second], second), limit=2)
    assert _found(_judged(story)) == [("PAGE-2", "ana"), ("PAGE-1", "ana")]


def test_a_cursor_that_stays_the_same_as_long_as_it_leads_on() -> None:
    story = Story("PAGE-2")
    first, second = _members()
    story.post("ben", "first")
    _pages(story, ([first], "same"), ([second], "same"), ([], None))
    assert _judged(story).verdict is Verdict.PASS
