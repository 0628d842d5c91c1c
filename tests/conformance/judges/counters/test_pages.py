"""Counters have the names and labels of the contract, and no label tells of whom (METRIC-1, -7, -8)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.counters import Counter
from sync_check.conformance.history import ClientKnown, Purpose
from sync_check.conformance.judges.counters.pages import MOST_SERIES
from sync_check.conformance.verdict import Level
from tests.conformance.histories import ulid, user
from tests.conformance.judges.counters.counting import Counting, broken, findings

CANARY = "sc0123456789ab"
EMITTED = Counter.EMITTED.value
UNKNOWN = 'gateway_events_unknown_received_total{scope="ingress",event_type="%s"}'


def told(*lines: str, prefix: str = "") -> Counting:
    """A story on all of whose pages further lines stand."""
    story = Counting(read=False, prefix=prefix)
    story.lines += lines
    story.proof()
    story.work()
    story.proof()
    return story


# --- METRIC-1


@pytest.mark.parametrize(
    "line",
    [
        "# TYPE gateway_events_emitted_total counter",
        "# TYPE gateway_events_emitted counter",
        "process_cpu_seconds_total 0.25",
        'http_request_duration_seconds_bucket{le="+Inf"} 3',
        'ws_disconnects_total{reason="client_close"} 0',
        "# TYPE ws_disconnects gauge",
        'rate_limit_hits_total{reason="global",surface="http"} 3 1700000000000',
    ],
)
def test_further_series_types_and_zeros_are_in_order(line: str) -> None:
    result = told(line).judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-1"] == 1


def test_counters_stand_behind_the_prefix_that_the_profile_states() -> None:
    story = told(prefix="acme_")
    result = story.judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-3"] == 1


@pytest.mark.parametrize(
    ("line", "received"),
    [
        ('ws_disconnects_total{reason="client_close",pod="a"} 1', "pod, reason"),
        ("ws_disconnects_total 1", "none"),
        ('gateway_events_dropped_total{scope="channel",reason="closed"} 1', "reason, scope"),
        ('gateway_events_emitted_total{scope="channel",event="message_create"} 1', "event, scope"),
        ('auth_failures_total{Reason="forbidden"} 1', "Reason"),
        ('voice_sync_repairs_total{reason="subscribe",channel="general"} 1', "channel, reason"),
    ],
)
def test_other_labels_are_found(line: str, received: str) -> None:
    (finding,) = findings(told(line).judged())
    assert (finding.requirement, finding.received) == ("METRIC-1", received)


@pytest.mark.parametrize(
    "line",
    [
        "# TYPE auth_failures_total gauge",
        'auth_failures_total{reason="forbidden"} -1',
        'auth_failures_total{reason="forbidden"} 1.5',
        'auth_failures_total{reason="forbidden"} NaN',
        'auth_failures_total{reason="forbidden"} +Inf',
        'auth_failures_total{reason="forbidden"} many',
        "<html>",
    ],
)
def test_what_is_no_counter_is_found(line: str) -> None:
    result = told(line).judged()
    assert broken(result) == {"METRIC-1"}
    assert len(findings(result)) == 1
    assert "METRIC-1" not in result.witnesses


def test_a_counter_that_goes_back_is_found() -> None:
    series = 'auth_failures_total{reason="forbidden"}'
    story = Counting(before={series: 7})
    story.extra[series] = 3
    story.work()
    story.proof()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.received) == (
        "METRIC-1",
        'auth_failures_total{reason="forbidden"} -4',
    )


def test_a_counter_that_vanishes_has_gone_back() -> None:
    series = 'rate_limit_hits_total{surface="http",reason="global"}'
    story = Counting(before={series: 7})
    del story.extra[series]
    story.proof()
    assert broken(story.judged()) == {"METRIC-1"}


def test_a_target_that_started_anew_is_told_once() -> None:
    story = Counting()
    story.work()
    story.proof()
    story.extra.subtract(story.counted())
    story.proof()
    (finding,) = findings(story.judged())
    assert finding.message == "metrics: counters decreased"
    assert finding.received is not None
    assert finding.received.endswith(" more")


def test_counters_of_another_name_are_found_with_what_there_is() -> None:
    story = Counting(read=False)
    story.read(story.page().replace(EMITTED, f"acme_{EMITTED}"))
    story.fence()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.expected) == ("METRIC-1", EMITTED)
    assert finding.received == f"acme_{EMITTED}, whose prefix no profile states"


def test_a_page_without_counters_is_found_once() -> None:
    story = Counting(read=False)
    for _ in range(3):
        story.read("up 1\n")
        story.work()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.received) == ("METRIC-1", "nothing of that name")


def refuse(story: Counting) -> None:
    story.call("eve", ops.ListChannels(guild_id=story.guild), 403, {"error": "forbidden"})


def throttle(story: Counting) -> None:
    story.call("eve", ops.OwnProfile(), 429, {"error": "rate_limited"})


def end(story: Counting) -> None:
    story.leave(story.ben2)
    story.extra['ws_disconnects_total{reason="client_close"}'] -= 1
    story.wait(6)


def list_participants(story: Counting) -> None:
    listed = {"guild_id": story.guild, "channel_id": story.channel, "participants": [], "synced_at_unix": 1}
    story.subscribe(story.ben, story.guild, story.channel)
    story.frame(story.ben, "voice_participant_sync", listed)


@pytest.mark.parametrize(
    ("counter", "happen"),
    [
        (Counter.AUTH_FAILURES, refuse),
        (Counter.RATE_LIMIT_HITS, throttle),
        (Counter.DISCONNECTS, end),
        (Counter.VOICE_REPAIRS, list_participants),
    ],
)
def test_a_counter_whose_events_have_happened_exists(
    counter: Counter, happen: Callable[[Counting], None]
) -> None:
    story = Counting()
    happen(story)
    page = "\n".join(line for line in story.page().split("\n") if not line.startswith(counter))
    story.read(page)
    story.fence()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.expected) == ("METRIC-1", counter)


@pytest.mark.parametrize("status", [401, 403])
def test_protected_metrics_are_worth_knowing_and_no_fault(status: int) -> None:
    story = Counting(read=False)
    for _ in range(3):
        story.read('{"error":"forbidden"}', status)
    result = story.judged()
    (finding,) = findings(result)
    assert (finding.requirement, finding.level) == ("METRIC-1", Level.INFO)
    assert not [name for name in result.witnesses if name.startswith("METRIC")]


@pytest.mark.parametrize("status", [404, 405, 302])
def test_declared_metrics_that_are_not_there_are_a_fault(status: int) -> None:
    story = Counting(read=False)
    story.read("gone", status)
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.level, finding.received) == ("METRIC-1", Level.FAIL, str(status))


def test_half_a_page_says_nothing() -> None:
    story = Counting()
    op = story.invoke("harness", ops.ReadMetrics(), Purpose.SNAPSHOT)
    story.answer(op, 200, "gateway_events_emi", error="the body is longer than 4194304 bytes")
    story.proof()
    assert findings(story.judged()) == []


# --- METRIC-7


def test_names_up_to_a_fixed_number_are_in_order() -> None:
    names = [f"{UNKNOWN % f'name{number}'} 1" for number in range(MOST_SERIES)]
    story = Counting(read=False)
    story.lines += names
    story.read()
    story.proof()
    assert findings(story.judged()) == []


@pytest.mark.parametrize(
    "series",
    [
        UNKNOWN,
        'ws_disconnects_total{reason="%s"}',
        'gateway_events_dropped_total{scope="guild",event_type="%s",reason="closed"}',
    ],
)
def test_series_without_bounds_are_a_deviation(series: str) -> None:
    story = Counting(read=False)
    story.lines += [f"{series % f'name{number}'} 1" for number in range(MOST_SERIES + 1)]
    story.read()
    (finding,) = findings(story.judged())
    assert (finding.requirement, finding.level) == ("METRIC-7", Level.LAX)
    assert finding.received == str(MOST_SERIES + 1)


# --- METRIC-8


def test_labels_that_name_nobody_are_in_order() -> None:
    lines = ('build_info{version="1.2.3",commit="4f1c9a0e"} 1', f'build_info{{instance="{ulid(99_999)}"}} 1')
    result = told(*lines).judged()
    assert findings(result) == []
    assert result.witnesses["METRIC-8"] == 1


@pytest.mark.parametrize("spelling", ["{}", "user-{}", "a{}", "{}/online"])
def test_the_id_of_a_user_in_a_label_is_found(spelling: str) -> None:
    value = spelling.format(user("ben"))
    (finding,) = findings(told(f'sessions{{owner="{value}"}} 1').judged())
    assert (finding.requirement, finding.received) == ("METRIC-8", value)
    assert "a user" in finding.message


def test_the_ids_of_guilds_and_channels_in_a_label_are_found() -> None:
    story = Counting()
    story.lines += [f'rooms{{guild="{story.guild.lower()}"}} 1', f'calls{{channel="{story.channel}"}} 1']
    story.proof()
    result = story.judged()
    assert broken(result) == {"METRIC-8"}
    assert len(findings(result)) == 2


@pytest.mark.parametrize("value", [ulid(99_999), "5f3b4a51-9d3c-4a5e-8f77-0a1b2c3d4e5f"])
def test_what_is_an_id_is_found_in_the_counters_of_the_contract(value: str) -> None:
    (finding,) = findings(told(f'rate_limit_hits_total{{surface="{value}",reason="global"}} 1').judged())
    assert finding.requirement == "METRIC-8"


def test_tokens_and_addresses_in_labels_are_leaks() -> None:
    story = Counting()
    known = next(record for record in story.records if isinstance(record, ClientKnown))
    story.records[story.records.index(known)] = replace(known, address="198.51.100.7")
    story.lines += ['peers{address="198.51.100.7"} 1', 'sessions{token="⟦secret:access_token:ben:1⟧"} 1']
    story.proof()
    result = story.judged()
    assert findings(result) == []
    assert {finding.requirement for finding in result.findings} == {"LEAK-IP-1", "LEAK-AUTH-1"}


def test_what_somebody_wrote_is_found() -> None:
    story = Counting()
    story.post("ana", f"hello {CANARY}")
    story.canary(CANARY, "message", story.last_op)
    story.lines.append(f'last_message{{text="hello {CANARY.upper()}"}} 1')
    story.proof()
    (finding,) = findings(story.judged())
    assert finding.requirement == "METRIC-8"
