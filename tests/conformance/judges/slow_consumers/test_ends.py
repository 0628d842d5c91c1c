"""A slow client's connection ends once more waits for it than may, not before, and tells why."""

import pytest

from sync_check.conformance.history import EndOfConnection, TargetDown
from sync_check.conformance.verdict import Kind
from tests.conformance.address_stories import AddressStory
from tests.conformance.histories import found
from tests.conformance.judges.slow_consumers.slowness import LIMIT, SlowStory, broken, findings

ENDED = ("LIMIT-SLOW-1", "LIMIT-SLOW-2", "LIMIT-SLOW-3", "LIMIT-SLOW-4", "LIMIT-SLOW-5", "PRES-3")


def test_one_that_is_ended_in_time_and_told_why_is_as_it_must_be() -> None:
    story = SlowStory()
    story.evicted()
    result = story.judged()
    assert found(result) == []
    assert set(ENDED) <= result.witnesses.keys()


def test_one_that_takes_some_and_is_ended_is_as_it_must_be() -> None:
    story = SlowStory()
    story.stop(bytes_per_s=64_000, absorbs=1000)
    story.pile(LIMIT + 8)
    story.offline()
    story.catch_up(6)
    story.end()
    assert found(story.judged()) == []


def test_one_whose_network_is_gone_needs_no_close_frame() -> None:
    story = SlowStory()
    story.stop(vanished=True)
    story.pile(LIMIT + 2)
    story.offline()
    story.end(None, None, EndOfConnection.CLOSED_BY_US)
    result = story.judged()
    assert found(result) == []
    assert {"LIMIT-SLOW-1", "LIMIT-SLOW-4", "PRES-3"} <= result.witnesses.keys()
    assert "LIMIT-SLOW-3" not in result.witnesses


def test_what_fits_costs_nothing() -> None:
    story = SlowStory()
    story.stop()
    story.pile(8)
    story.catch_up(8)
    result = story.judged()
    assert found(result) == []
    assert result.witnesses["LIMIT-4"] == 1


def test_a_stall_in_which_little_happens_shows_nothing() -> None:
    story = SlowStory()
    story.stop()
    story.pile(2)
    story.catch_up(2)
    result = story.judged()
    assert found(result) == []
    assert not {"LIMIT-4", *ENDED} & result.witnesses.keys() - {"PRES-3"}


def test_between_what_surely_fits_and_what_surely_does_not_both_are_fine() -> None:
    story = SlowStory()
    story.stop(absorbs=100_000)
    story.pile(LIMIT + 5)
    story.catch_up(LIMIT + 5)
    assert found(story.judged()) == []


def test_an_end_before_the_queue_can_have_been_full_is_found() -> None:
    story = SlowStory()
    story.evicted(piled=8)
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.kind, finding.client) == ("LIMIT-4", Kind.LIMIT, "ben#1")
    assert finding.received == "closed_by_target 1008 slow_consumer, with at most 8 waiting"


def test_a_slow_client_ends_with_the_target_as_well() -> None:
    story = SlowStory()
    story.stop()
    story.pile(3)
    story.add(TargetDown(at=story.now(), killed=False))
    story.close(story.ben, EndOfConnection.CLOSED_BY_TARGET, None, 1001)
    story.end()
    assert "LIMIT-4" not in broken(story.judged())


@pytest.mark.parametrize("reason", [None, "idle_timeout"])
def test_an_early_end_after_a_long_silence_may_have_another_cause(reason: str | None) -> None:
    story = SlowStory()
    story.stop()
    story.pile(3)
    story.later(31)
    story.offline()
    story.catch_up(3)
    story.end(1008, reason)
    assert broken(story.judged()) == []


def test_one_that_is_never_ended_is_found_together_with_what_it_kept() -> None:
    story = SlowStory()
    story.stop()
    story.pile(3 * LIMIT)
    story.later(11)
    story.catch_up(3 * LIMIT)
    result = story.judged()
    assert broken(result) == ["LIMIT-SLOW-1", "LIMIT-SLOW-4"]
    assert {one.kind for one in findings(result)} == {Kind.LIMIT}


def test_before_the_slow_window_is_over_nothing_is_missing() -> None:
    story = SlowStory()
    story.stop()
    story.pile(LIMIT + 3)
    story.gone()
    assert broken(story.judged()) == []


def test_one_that_is_ended_too_late_is_found() -> None:
    story = SlowStory()
    story.stop()
    story.pile(LIMIT + 3)
    story.later(10.5)
    story.offline()
    story.end(None, None, EndOfConnection.CLOSED_BY_US)
    (finding,) = findings(story.judged())
    assert finding.requirement == "LIMIT-SLOW-4"
    assert finding.received == "it ended 10.5 s after the overflow"


def test_what_was_on_the_way_all_the_same_had_not_to_wait() -> None:
    story = SlowStory()
    story.stop()
    story.pile(2 * LIMIT)
    story.later(10.5)
    story.offline()
    story.catch_up(LIMIT + 1)
    story.end(None, None, EndOfConnection.DROPPED)
    assert broken(story.judged()) == []


def test_events_that_were_dropped_before_later_ones_are_found() -> None:
    story = SlowStory()
    story.stop()
    story.pile(3 * LIMIT)
    story.catch_up(LIMIT, skip=2 * LIMIT)
    result = story.judged()
    assert broken(result)[0] == "LIMIT-SLOW-3"
    assert "among which 20 are missing" in str(findings(result)[0].received)


@pytest.mark.parametrize(
    ("code", "reason", "how"),
    [
        (None, None, EndOfConnection.DROPPED),
        (1008, None, EndOfConnection.CLOSED_BY_TARGET),
        (1013, "slow_consumer", EndOfConnection.CLOSED_BY_TARGET),
    ],
)
def test_who_reads_again_soon_and_is_not_told_why_is_found(
    code: int | None, reason: str | None, how: EndOfConnection
) -> None:
    story = SlowStory()
    story.evicted(code=code, reason=reason, how=how)
    (finding,) = findings(story.judged())
    assert finding.requirement == "LIMIT-SLOW-5"
    assert finding.expected == "Close 1008 with reason slow_consumer"


def test_who_reads_again_late_need_not_be_told() -> None:
    story = SlowStory()
    story.stop()
    story.pile(LIMIT + 2)
    story.offline()
    story.later(2.5)
    story.catch_up(1)
    story.end(None, None, EndOfConnection.DROPPED)
    result = story.judged()
    assert broken(result) == []
    assert "LIMIT-SLOW-5" not in result.witnesses


def test_who_was_told_however_late_was_told() -> None:
    story = SlowStory()
    story.stop()
    story.pile(LIMIT + 2)
    story.offline()
    story.later(2.5)
    story.catch_up(1)
    story.end()
    result = story.judged()
    assert broken(result) == []
    assert "LIMIT-SLOW-5" in result.witnesses


@pytest.mark.parametrize(("came", "is_certain"), [(LIMIT - 2, False), (LIMIT + 3, True)])
def test_what_came_had_found_room_and_so_it_read_again_in_time(came: int, is_certain: bool) -> None:
    """An event that came was asked for so late that whatever found no room was asked for in time."""
    story = SlowStory()
    story.stop()
    story.pile(LIMIT + 2)
    story.later(1.5)
    story.pile(4)
    story.later(1.0)
    story.offline()
    story.catch_up(came)
    story.end(None, None, EndOfConnection.DROPPED)
    assert ("LIMIT-SLOW-5" in broken(story.judged())) == is_certain


def test_that_nobody_is_told_of_the_end_is_found() -> None:
    story = SlowStory()
    story.stop()
    story.pile(LIMIT + 2)
    story.catch_up(1)
    story.end()
    story.later()
    story.post("ana", "later", (story.ana,))
    story.post("ana", "later still", (story.ana,))
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.kind) == ("PRES-3", Kind.LIMIT)


def test_who_has_another_connection_stays_online() -> None:
    story = SlowStory()
    story.come("ben")
    story.stop()
    story.pile(LIMIT + 2)
    story.catch_up(1)
    story.end()
    story.later()
    assert "PRES-3" not in broken(story.judged())


def test_a_subscribe_from_a_banned_address_ends_a_slow_client_as_well() -> None:
    for bans in (True, False):
        story = AddressStory()
        if bans:
            story.ban_addresses()
        story.taking(story.ben, 0, 0)
        story.post("ana", "waits", to=[story.ana])
        story.subscribe(story.ben, story.guild, story.channel, confirmed=False)
        story.close(story.ben, EndOfConnection.CLOSED_BY_TARGET, "ip_banned", 1008)
        story.end()
        told = {requirement for _, requirement, _ in found(story.result())}
        assert ("LIMIT-4" in told) is not bans
