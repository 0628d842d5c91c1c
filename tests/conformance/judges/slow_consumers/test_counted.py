"""The counters tell of slow consumers: their ends, once each, what they lost, and how much waited."""

import pytest

from sync_check.conformance.verdict import Kind
from tests.conformance.judges.slow_consumers.slowness import LIMIT, SlowStory, broken, findings
from tests.conformance.judges.test_restarts import down, up


def counted(*, waited: int = LIMIT, full: int = 1, slow: int = 1, wait: bool = False) -> SlowStory:
    """One client is ended, of what is emitted `waited` events are never seen."""
    story = SlowStory()
    story.fence()
    story.page(emitted=100, full=0, slow=0)
    story.evicted(got=1)
    if wait:
        story.later(6)
    arrived = (LIMIT + 2) + len(("offline", "the one that ben got"))
    story.page(emitted=100 + arrived + waited, full=full, slow=slow)
    return story


@pytest.mark.parametrize("full", [1, 2])
@pytest.mark.parametrize("waited", [LIMIT, LIMIT - 2, LIMIT + 2])
def test_as_much_as_may_wait_and_one_end_are_as_they_must_be(waited: int, full: int) -> None:
    result = counted(waited=waited, full=full).judged()
    assert broken(result) == []
    assert {"LIMIT-4", "LIMIT-SLOW-2", "METRIC-4", "METRIC-5"} <= result.witnesses.keys()


@pytest.mark.parametrize(
    ("numbers", "requirement"),
    [
        ({"waited": LIMIT + 5}, "LIMIT-SLOW-1"),
        ({"waited": LIMIT // 2}, "LIMIT-4"),
        ({"full": 0}, "LIMIT-SLOW-2"),
        ({"slow": 2}, "LIMIT-SLOW-4"),
        ({"slow": 0, "wait": True}, "LIMIT-SLOW-4"),
    ],
)
def test_what_is_counted_otherwise_is_found(numbers: dict[str, int], requirement: str) -> None:
    result = counted(**numbers).judged()  # type: ignore[arg-type]
    assert broken(result) == [requirement]
    assert findings(result)[0].kind is Kind.LIMIT


def test_an_end_may_be_counted_a_little_later() -> None:
    result = counted(slow=0).judged()
    assert broken(result) == []


def test_without_a_read_before_nothing_is_known() -> None:
    story = SlowStory()
    story.evicted()
    story.page(emitted=5, full=0, slow=7)
    assert broken(story.judged()) == []


@pytest.mark.parametrize("between", [False, True])
def test_what_a_restarted_target_counts_tells_nothing_of_before(between: bool) -> None:
    story = SlowStory()
    story.fence()
    story.page(emitted=100, full=0, slow=0)
    story.evicted(got=1)
    story.later(6)
    if between:
        story.page(emitted=100 + LIMIT + 4 + LIMIT, full=1, slow=1)
    down(story)
    up(story)
    story.page(emitted=1, full=0, slow=0)
    result = story.judged()
    assert broken(result) == []
    assert ("LIMIT-4" in result.witnesses) is between


def _again(story: SlowStory, name: str) -> int:
    """Somebody is back after a restart, and hears the channel."""
    connection = story.open(name)
    story.owners[connection] = name
    story.subscribed.append(connection)
    story.ask(connection)
    is_first = name not in story.present
    story.list_online(connection, list(story.present))
    if is_first:
        story.enter(connection)
    story.confirm(connection)
    story.list_voices(connection)
    return connection


@pytest.mark.parametrize(("slow", "missed"), [(1, []), (0, ["LIMIT-SLOW-4"])])
def test_each_life_of_a_target_is_judged_alone(slow: int, missed: list[str]) -> None:
    story = SlowStory()
    story.fence()
    for life in (1, 2):
        story.page(emitted=100, full=0, slow=0)
        story.evicted(got=1)
        story.later(6)
        story.page(emitted=100 + LIMIT + 4 + LIMIT, full=1, slow=1 if life == 1 else slow)
        if life == 1:
            down(story)
            story.present.clear()
            up(story)
            story.ana, story.ben = _again(story, "ana"), _again(story, "ben")
            story.kept.clear()
            story.fence()
    assert broken(story.judged()) == missed
