"""The server's memory grows by what may wait for slow clients, and little else."""

from sync_check.conformance.history import MemorySeen
from sync_check.conformance.judges.slow_consumers.memory import SLACK_BYTES
from sync_check.conformance.verdict import Kind
from tests.conformance.judges.slow_consumers.slowness import SlowStory, findings

USUAL = 100_000_000


def weighed(*resident: int) -> SlowStory:
    """A client is ended, and the server is seen to have so much memory, the first time before that."""
    story = SlowStory()
    story.add(MemorySeen(at=story.now(), resident_bytes=resident[0]))
    story.evicted()
    for later in resident[1:]:
        story.add(MemorySeen(at=story.now(), resident_bytes=later))
    return story


def test_a_little_growth_is_as_it_must_be() -> None:
    result = weighed(USUAL, USUAL + SLACK_BYTES).judged()
    assert findings(result) == []
    assert result.evidence["memory_growth_kib"] == SLACK_BYTES // 1024


def test_less_memory_than_before_is_none_that_grew() -> None:
    result = weighed(USUAL, USUAL - 1, USUAL // 2).judged()
    assert findings(result) == []
    assert result.evidence.get("memory_growth_kib", 0) == 0


def test_more_than_can_wait_is_found_by_the_most_that_was_seen() -> None:
    (finding,) = findings(weighed(USUAL, USUAL + 2 * SLACK_BYTES, USUAL).judged())
    assert (finding.requirement, finding.kind) == ("LIMIT-SLOW-1", Kind.LIMIT)
    assert (finding.expected, finding.received) == ("at most 16 MiB", "32 MiB")


def test_what_was_seen_only_once_shows_no_growth() -> None:
    result = weighed(USUAL).judged()
    assert findings(result) == []
    assert "memory_growth_kib" not in result.evidence
