"""The limits in force are those that are declared: what is looser or tighter is named with both numbers."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.verdict import Finding, Kind
from tests.conformance.stories import Story

LONGEST = Limits().message_bytes
REFUSED = {"error": "invalid_request"}


def _write(story: Story, size: int, *, accepted: bool) -> None:
    """Ana writes so many bytes."""
    text = f"{len(story.records)} ".ljust(size, "x")
    if accepted:
        story.post("ana", text)
    else:
        story.call("ana", ops.CreateMessage(**story.place, content=text), 400, REFUSED)


def judged(*asked: tuple[int, bool]) -> tuple[list[Finding], int]:
    """What is found where messages of so many bytes are accepted or not, and how often limits held."""
    story = Story()
    for size, accepted in asked:
        _write(story, size, accepted=accepted)
    story.close_scenario()
    result = story.result()
    return [one for one in result.findings if one.judge == "limits"], result.witnesses.get("LIMIT-4", 0)


def test_at_the_limit_yes_and_beyond_it_no_is_as_it_must_be() -> None:
    assert judged((LONGEST - 1, True), (LONGEST, True), (LONGEST + 1, False)) == ([], 1)


@pytest.mark.parametrize("asked", [((LONGEST, True),), ((LONGEST, True), (LONGEST + 9, False)), ((3, True),)])
def test_what_was_not_tried_at_its_edge_shows_nothing(asked: tuple[tuple[int, bool], ...]) -> None:
    assert judged(*asked) == ([], 0)


def test_a_looser_limit_is_found_by_the_most_that_was_accepted() -> None:
    (finding,), held = judged((LONGEST, True), (LONGEST + 7, True), (LONGEST + 1, True))
    assert (finding.requirement, finding.kind, finding.client) == ("LIMIT-4", Kind.LIMIT, "ana")
    assert finding.message == "message_bytes is looser than declared: 2007 accepted, 2000 declared"
    assert held == 0


def test_a_tighter_limit_is_found_between_what_was_accepted_and_what_was_not() -> None:
    (finding,), _ = judged((LONGEST - 1, True), (LONGEST, False), (LONGEST + 1, False))
    assert finding.received == "2000 refused, 1999 accepted"
    assert finding.expected == "2000 accepted, 2001 refused with 400"


def test_a_refusal_of_all_is_no_matter_of_limits() -> None:
    assert judged((3, False), (LONGEST, False)) == ([], 0)


def test_a_refusal_of_less_than_was_accepted_is_none_either() -> None:
    assert judged((LONGEST, True), (3, False)) == ([], 0)


def test_a_refusal_that_has_another_reason_is_none_either() -> None:
    story = Story()
    story.post("ana", "short")
    files = ["01JZZZZZZZZZZZZZZZZZZZZZZZ"]
    story.call(
        "ana", ops.CreateMessage(**story.place, content="somewhat longer", attachment_ids=files), 400, REFUSED
    )
    story.close_scenario()
    assert [one for one in story.result().findings if one.judge == "limits"] == []


def test_pages_are_measured_alike() -> None:
    story = Story()
    page: dict[str, object] = {"members": [], "next_cursor": None}
    for limit in (200, 201):
        story.call("ana", ops.ListMembers(guild_id=story.guild, limit=limit), 200, page)
    story.close_scenario()
    (finding,) = [one for one in story.result().findings if one.judge == "limits"]
    assert finding.message == "members_page is looser than declared: 201 accepted, 200 declared"
