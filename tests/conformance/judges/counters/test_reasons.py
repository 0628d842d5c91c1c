"""Events are dropped for three reasons only, and just what was sent is refused (METRIC-5, METRIC-6)."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import ConnectionEnded, EndOfConnection
from tests.conformance.judges.counters.counting import Counting, broken, findings


def dropped(reason: str, scope: str = "channel", event: str = "message_create") -> str:
    return f'gateway_events_dropped_total{{scope="{scope}",event_type="{event}",reason="{reason}"}}'


def test_what_was_dropped_before_the_run_is_of_no_interest() -> None:
    story = Counting(before={dropped("serialize_error"): 3, dropped("closed"): 2})
    story.work()
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-5"] == 1


@pytest.mark.parametrize("reason", ["serialize_error", "dispatch_timeout", "tired", ""])
def test_nothing_is_dropped_for_another_reason(reason: str) -> None:
    story = Counting()
    story.work()
    story.extra[dropped(reason)] += 1
    story.proof()
    result = story.judged()
    (finding,) = findings(result)
    assert finding.requirement == "METRIC-5"
    assert finding.received == f"{dropped(reason).replace(',', ', ')} +1"
    assert "METRIC-5" not in result.witnesses


@pytest.mark.parametrize("reason", ["full_queue", "closed"])
def test_nothing_is_dropped_while_nobody_is_slow_or_goes(reason: str) -> None:
    story = Counting()
    story.work()
    story.extra[dropped(reason)] += 1
    story.proof()
    assert broken(story.judged()) == {"METRIC-5"}


@pytest.mark.parametrize("reason", ["full_queue", "closed"])
def test_for_a_connection_that_goes_events_may_be_dropped(reason: str) -> None:
    story = Counting()
    story.leave(story.ben2)
    story.extra[dropped(reason)] += 1
    story.work()
    story.proof()
    assert findings(story.judged()) == []


def test_an_event_that_is_too_large_is_dropped_and_was_never_emitted() -> None:
    story = Counting()
    story.work()
    story.extra[dropped("oversized_outbound")] += 1
    story.proof()
    assert findings(story.judged()) == []


@pytest.mark.parametrize(
    "series",
    [
        'gateway_events_unknown_received_total{scope="ingress",event_type="typing"}',
        'gateway_events_parse_rejected_total{scope="ingress",reason="invalid_envelope"}',
        'gateway_events_parse_rejected_total{scope="ingress",reason="invalid_subscribe_payload"}',
    ],
)
def test_nothing_is_refused_that_nobody_sent(series: str) -> None:
    story = Counting(before={series: 4})
    story.work()
    story.proof()
    assert findings(story.judged()) == []
    story = Counting(before={series: 4})
    story.work()
    story.extra[series] += 1
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.expected) == ("METRIC-6", "no growth")


REJECTED = 'gateway_events_parse_rejected_total{scope="ingress",reason="invalid_message_create_payload"}'


def refuse(story: Counting, *, counted: int = 1) -> None:
    """A message without content ends its connection."""
    story.send(story.ben2, ops.SendMessage(**story.place, content=""))
    story.drop(story.ben2)
    how = EndOfConnection.CLOSED_BY_TARGET
    story.add(ConnectionEnded(at=story.now(), connection=story.ben2, how=how, code=1008))
    story.extra['ws_disconnects_total{reason="client_close"}'] -= 1
    story.extra['ws_disconnects_total{reason="invalid_message_create_payload"}'] += 1
    story.extra[REJECTED] += counted


@pytest.mark.witnesses("METRIC-6")
def test_a_message_that_is_refused_is_counted_once() -> None:
    story = Counting()
    refuse(story)
    story.work()
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-6"] == 1


@pytest.mark.parametrize("counted", [0, 2])
def test_a_message_that_is_refused_is_counted_neither_never_nor_twice(counted: int) -> None:
    story = Counting()
    refuse(story, counted=counted)
    story.work()
    story.proof()
    (finding,) = findings(story.judged())
    assert finding.requirement == "METRIC-6"
    assert finding.expected is not None
    assert finding.expected.startswith("+1 for message_create by ben (op ")
