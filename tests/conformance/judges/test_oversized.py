"""An event longer than a frame may be reaches nobody, is counted once, and had better been refused."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import Header, Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Level
from tests.conformance.histories import found
from tests.conformance.judges.test_restarts import down, up
from tests.conformance.stories import Story

LIMITS = Limits(max_gateway_event_bytes=2048)
DROPPED = (
    'gateway_events_dropped_total{scope="channel",event_type="message_create",reason="oversized_outbound"}'
)
LONG = "x" * 1500
"""Twice that, as content and as token, is more than a frame may have."""


def tight() -> Story:
    """A story at a target whose frames are short."""
    story = Story()
    header = story.records[0]
    assert isinstance(header, Header)
    story.records[0] = replace(header, limits=LIMITS)
    return story


def count(story: Story, dropped: int) -> None:
    story.call("harness", ops.ReadMetrics(), 200, f"{DROPPED} {dropped}\n", purpose=Purpose.SNAPSHOT)


def told(*, status: int = 200, to: tuple[int, ...] = (), counted: int = 1) -> ScenarioResult:
    """Ana writes what is too long; it is deleted again if it was taken."""
    story = tight()
    story.fence()
    count(story, 0)
    if status == 200:
        message_id = story.post("ana", LONG, to)
        story.delete("ana", message_id)
    else:
        message = ops.CreateMessage(**story.place, content=2100 * "x")
        story.call("ana", message, status, {"error": "invalid_request"})
    count(story, counted)
    story.close_scenario()
    return story.result()


def faults(result: ScenarioResult) -> list[tuple[str, str, str | None]]:
    """The findings, without those about counters that the page does not have."""
    return [one for one in found(result) if one[1] != "METRIC-1"]


def test_what_is_refused_leaves_nothing_to_count() -> None:
    result = told(status=400, counted=0)
    assert faults(result) == []


def test_what_is_stored_told_to_nobody_and_counted_is_all_that_must_be() -> None:
    result = told()
    assert faults(result) == []
    assert result.witnesses["LIMIT-SIZE-1"] >= 1


def test_that_it_was_stored_deviates_where_its_content_alone_is_too_long() -> None:
    story = Story()
    header = story.records[0]
    assert isinstance(header, Header)
    story.records[0] = replace(header, limits=Limits(max_gateway_event_bytes=1024))
    story.delete("ana", story.post("ana", LONG, ()))
    story.close_scenario()
    (finding,) = story.result().findings
    assert (finding.judge, finding.requirement, finding.level) == ("answers", "LIMIT-SIZE-2", Level.LAX)


@pytest.mark.parametrize("counted", [0, 2])
def test_what_is_counted_otherwise_is_found(counted: int) -> None:
    assert ("limits", "LIMIT-SIZE-1", None) in faults(told(counted=counted))


def test_what_comes_all_the_same_is_found() -> None:
    broken = {requirement for _, requirement, _ in found(told(to=(3,)))}
    assert {"LIMIT-SIZE-1", "ENV-3"} <= broken


@pytest.mark.parametrize(("before", "faulty"), [(1, False), (0, True), (2, True)])
def test_a_target_that_was_restarted_counts_anew(before: int, faulty: bool) -> None:
    story = tight()
    story.fence()
    count(story, 0)
    story.delete("ana", story.post("ana", LONG, ()))
    count(story, before)
    down(story)
    up(story)
    count(story, 0)
    story.close_scenario()
    assert ("LIMIT-SIZE-1" in {one.requirement for one in story.result().findings}) is faulty
