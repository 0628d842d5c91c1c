"""The surfaces judge: walks in small pages, and refusals that tell nothing."""

from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
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


def _log(story: Story, *pages: tuple[list[str], str | None]) -> None:
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
        asked = ops.ReadAudit(guild_id=story.guild, limit=1, cursor=cursor)
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


def _unanswered(story: Story) -> None:
    story.send(story.ben, ops.SendMessage(**story.place, content="nobody hears of it"))


def test_what_nothing_answers_may_be_written_down_until_everybody_is_at_rest() -> None:
    for is_at_rest in (False, True):
        story = AddressStory()
        _unanswered(story)
        if is_at_rest:
            story.rest()
        _log(story, ([ulid(9)], "one"), ([], "two"), ([], "three"))
        assert _found(_judged(story)) == ([("PAGE-2", "ana")] if is_at_rest else [])


def test_a_settle_in_which_somebody_did_not_come_to_rest_bounds_nothing() -> None:
    story = AddressStory()
    _unanswered(story)
    story.rest(void="ben missed a fence")
    _log(story, ([ulid(9)], "one"), ([], "two"), ([], "three"))
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
