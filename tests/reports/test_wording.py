from dataclasses import replace

import pytest

from sync_check.conformance.history import Ending
from sync_check.conformance.run import Latency, ScenarioResult
from sync_check.conformance.verdict import Verdict
from sync_check.reports.wording import (
    counted,
    counted_of,
    duration,
    estimate_words,
    evidence_words,
    interruption_words,
    latency_words,
    moment,
    repeat_command,
    requirement_words,
    silence_words,
    totals_words,
    verdict_words,
)
from tests.reports import runs


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.0402, "40 ms"),
        (0.0996, "0.1 s"),
        (1.25, "1.2 s"),
        (99.96, "1 min 40 s"),
        (200, "3 min 20 s"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_moment_has_microseconds() -> None:
    assert moment(61_000_042) == "61.000042 s"


def test_counts() -> None:
    assert [counted(n, "finding") for n in (0, 1, 2)] == ["0 findings", "1 finding", "2 findings"]
    assert counted(2, "reply", "replies") == "2 replies"
    told = [counted_of(*numbers, "program") for numbers in ((1, 1), (0, 1), (3, 7), (7, 7))]
    assert told == ["1 program", "0 of 1 program", "3 of 7 programs", "7 programs"]


def test_a_requirement_is_told_in_the_contracts_words() -> None:
    assert requirement_words("SCOPE-1") == "A connection-scope event reaches only the connection it answers."


def test_thresholds_and_unknown_requirements_have_words_too() -> None:
    assert "profile" in requirement_words("PROFILE-SLO-delivery_p99_ms")
    assert "no requirement" in requirement_words("NEW-99")


def test_the_command_repeats_one_scenario_and_is_quoted_for_the_shell() -> None:
    started = runs.started(repeat=("sync-check", "run", "--target", "http://h/?a&b"))
    assert repeat_command(started, "messages/edit") == "sync-check run --target 'http://h/?a&b' messages/edit"
    assert repeat_command(started).endswith("b'")


def test_the_command_repeats_what_was_selected() -> None:
    started = runs.started(repeat=("sync-check", "run"), selection=("messages", "*/kick"))
    assert repeat_command(started) == "sync-check run messages '*/kick'"
    assert repeat_command(started, "members/kick") == "sync-check run members/kick"


@pytest.mark.parametrize(
    ("request_ms", "seconds", "words"),
    [
        (None, 8.0, "about 8.0 s, 11 accounts"),
        (25.0, 8.0, "about 8.0 s at 25.0 ms a request, 11 accounts"),
        (1.2, 500.0, "about 8 min 20 s under its limits, 11 accounts"),
    ],
)
def test_an_estimate_says_what_it_rests_on(request_ms: float | None, seconds: float, words: str) -> None:
    started = runs.started()
    estimate = replace(started.estimate, request_ms=request_ms, seconds=seconds)
    assert estimate_words(replace(started, estimate=estimate)).startswith(words)


def test_totals_name_only_the_verdicts_that_occurred() -> None:
    assert totals_words(runs.failing().finished) == "1 pass · 1 lax · 1 inconclusive · 3 fail"
    assert totals_words(runs.finished()) == "no scenario ran"


def test_the_verdict_counts_failures_else_passes() -> None:
    assert verdict_words(runs.started(), runs.failing().finished) == "3 of 6 scenarios failed"
    assert verdict_words(runs.started(), runs.passing().finished) == "6 of 6 scenarios passed"
    assert verdict_words(runs.started(scenarios=()), runs.finished()) == "0 of 0 scenarios passed"
    ran = [runs.result(one) for one in ("messages/edit", "messages/delete")]
    assert verdict_words(runs.started(), runs.finished(*ran)) == "2 of 6 scenarios passed"


def test_a_run_that_could_play_nothing_says_so() -> None:
    lacking = runs.result("voice/join", verdict=Verdict.UNSUPPORTED)
    told = verdict_words(runs.started(scenarios=()), runs.finished(lacking))
    assert told == "none of 1 scenario ran, for the target lacks what they need"


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([runs.result(one) for one in runs.TITLES], "6 of 6 scenarios ran"),
        ([runs.result("messages/edit")], "1 of 6 scenarios ran, 5 did not"),
        (
            [runs.result("a"), runs.result("b", ending=Ending.INTERRUPTED)],
            "2 of 6 scenarios ran (one of them cut short), 4 did not",
        ),
        (
            [runs.result("a"), runs.result("b", verdict=Verdict.UNSUPPORTED)],
            "1 of 6 scenarios ran, 5 did not",
        ),
    ],
)
def test_an_interruption_counts_what_ran_and_what_did_not(results: list[ScenarioResult], words: str) -> None:
    end = runs.finished(*results, interrupted=True)
    assert interruption_words(runs.started(), end) == words


def test_latency_that_was_not_measured_is_no_number() -> None:
    assert latency_words(Latency(p50=None, p95=None, p99=None, samples=0)) == "not measured"
    assert latency_words(Latency(p50=3.0, p95=None, p99=None, samples=1)) == "p50 3.0 ms (1 sample)"


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({}, []),
        ({"walks": 2, "canaries_seen_by_audience": 41}, ["41 canaries seen by audience", "2 walks"]),
        ({"fences": 1, "fences_us": 1_600}, ["1 fence in 2 ms"]),
        ({"fences_us": 400}, ["0 fences in 0 ms"]),
        ({"frames": 3, "pairs": 4, "pairs_decided": 3}, ["3 frames", "3 of 4 pairs decided"]),
        ({"pairs": 1}, ["0 of 1 pair decided"]),
    ],
)
def test_what_a_scenario_was_judged_by_is_told_in_words(evidence: dict[str, int], words: list[str]) -> None:
    assert evidence_words(evidence) == words


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({}, "no absence was proved"),
        ({"fences": 2, "fences_us": 10}, "no absence was proved"),
        (
            {"absences": 1, "fences": 1, "fences_us": 1500},
            "1 absence proved, by strong fences; a fence takes 1.5 ms, and nothing waits",
        ),
        (
            {"absences": 20, "fences": 4, "fences_us": 9000},
            "20 absences proved, by strong fences; a fence takes 2.2 ms, and nothing waits",
        ),
        (
            {"absences": 20, "absences_weak": 3, "fences": 4, "fences_us": 9000},
            "20 absences proved, 3 of them by weak fences only; a fence takes 2.2 ms, and nothing waits",
        ),
    ],
)
def test_what_a_proof_of_absence_costs(evidence: dict[str, int], words: str) -> None:
    measured = replace(runs.result("messages/edit"), evidence=evidence)
    assert silence_words(runs.finished(measured)) == words
