"""The surfaces judge: walks in small pages, and refusals that tell nothing."""

from typing import Any

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Verdict
from tests.conformance.histories import user
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
