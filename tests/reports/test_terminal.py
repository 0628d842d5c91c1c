import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from sync_check.conformance.history import Ending
from sync_check.conformance.run import RunEvent, ScenarioFinished, ScenarioResult, ScenarioStarted
from sync_check.conformance.verdict import Level, Verdict
from sync_check.reports.completed import CompletedRun
from sync_check.reports.terminal import TerminalSink
from tests.reports import runs


def piped(run: CompletedRun, report: Path | None = None) -> str:
    """What a pipe gets of `run`."""
    file = io.StringIO()
    sink = TerminalSink(Console(file=file), report)
    for event in runs.events(run):
        sink.handle(event)
    return file.getvalue()


def on_terminal(run: CompletedRun, width: int, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """What a terminal of `width` columns gets of `run`, with NO_COLOR and TERM from `environment`."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm-256color"} | environment).items():
        monkeypatch.setenv(name, value)
    file = io.StringIO()
    sink = TerminalSink(Console(file=file, force_terminal=True, width=width, height=30))
    for event in runs.events(run):
        sink.handle(event)
    return file.getvalue()


def run_of(*results: ScenarioResult, **changed: Any) -> CompletedRun:
    return CompletedRun(started=runs.started(), finished=runs.finished(*results, **changed))


def test_the_start_says_what_will_happen_and_what_it_needs() -> None:
    first, note, *_ = piped(runs.passing()).splitlines()
    assert first == (
        "embedded reference server · 8 clients · seed 4 · 6 scenarios · "
        "expected: about 8.0 s, 11 accounts, 6 guilds, 240 requests"
    )
    assert note == "note: The embedded server runs with raised limits."


def test_a_pipe_gets_one_line_for_each_scenario() -> None:
    lines = piped(runs.failing()).splitlines()
    for result in runs.failing().results:
        (line,) = [line for line in lines if result.title in line]
        assert line.split()[:2] == [result.verdict.upper(), result.id]
        assert "1.2 s" in line


def test_a_pipe_gets_no_control_codes() -> None:
    output = piped(runs.failing())
    assert all(line.isprintable() for line in output.split("\n"))


def test_a_later_result_replaces_the_first_and_says_so() -> None:
    passed = runs.result("members/kick")
    leaked = runs.result("members/kick", runs.finding(scenario="members/kick"), verdict=Verdict.FAIL)
    file = io.StringIO()
    sink = TerminalSink(Console(file=file))
    happened: list[RunEvent] = [
        runs.started(),
        ScenarioFinished(result=passed),
        ScenarioFinished(result=leaked),
        ScenarioFinished(result=leaked),
        runs.finished(leaked),
    ]
    for event in happened:
        sink.handle(event)
    first, second, third = (line for line in file.getvalue().splitlines() if passed.title in line)
    assert first.startswith("PASS")
    assert second.startswith("FAIL")
    assert "changed from PASS" in second
    assert "amended" in third
    assert "totals   1 fail" in file.getvalue()


def test_a_group_is_told_with_words_slice_of_history_and_command() -> None:
    output = piped(runs.failing())
    for part in (
        " 1  FAIL  safety  SCOPE-5  workspace/rename\n",
        "    A guild-scope event reaches no connection of a user",
        "    client    stranger#1\n",
        "    event     workspace_update\n",
        "    expected  nothing of guild 01J9ZK3V6T4Q8W2N5M7B1C0D2E\n",
        "    history   0.912014 s  ana         PATCH",
        "    also      2 more findings of this cause\n",
        "    repeat    sync-check run --clients 8 --seed 4 workspace/rename\n",
        "\nINCONCLUSIVE  members/role-change: a fence of ben#1 did not arrive within 5 s\n",
        "\nlatency  p50 3.1 ms",
    ):
        assert part in output


def test_figures_that_are_too_long_go_on_behind_their_label(monkeypatch: pytest.MonkeyPatch) -> None:
    output = on_terminal(runs.failing(), 40, monkeypatch, NO_COLOR="1")
    end = output[output.index("\ntotals") :].split("\nreport")[0].strip().splitlines()
    assert {line[:9] for line in end[:-1]} - {"totals   ", "latency  ", "silence  ", "info     "} == {" " * 9}


def test_the_worst_groups_come_first_and_at_most_ten() -> None:
    mild = [runs.finding(cause=f"mild {n}", event=f"event_{n}", level=Level.LAX) for n in range(5)]
    bad = [runs.finding(cause=f"bad {n}", event=f"event_{n}") for n in range(8)]
    output = piped(run_of(runs.result("workspace/rename", *mild, *bad, verdict=Verdict.FAIL)))
    shown = [line.split(maxsplit=1)[1] for line in output.splitlines() if line.startswith("    cause")]
    assert shown == [f"bad {number}" for number in range(8)] + ["mild 0", "mild 1"]
    assert "3 more groups of findings in the report" in output


def test_what_is_alike_in_several_scenarios_is_told_once_with_their_names() -> None:
    told = [
        runs.finding(scenario=one, cause=f"create_channel by ana (op {number})", client=f"{name}#1")
        for number, (one, name) in enumerate(zip(runs.TITLES, ("ivo", "eva", "ivo"), strict=False))
    ]
    output = piped(run_of(*(runs.result(one.scenario, one, verdict=Verdict.FAIL) for one in told)))
    assert output.count("FAIL  safety") == 1
    for part in (
        " 1  FAIL  safety  SCOPE-5  messages/edit and 2 more scenarios\n",
        "    also      2 more findings like this one, of 3 causes in all\n",
        "              scenarios messages/edit, messages/delete, workspace/rename\n",
        "              clients ivo#1, eva#1\n",
    ):
        assert part in output


def test_the_verdict_is_the_last_line() -> None:
    assert piped(runs.failing()).splitlines()[-1] == "FAIL  3 of 6 scenarios failed · 8.4 s · exit code 1"
    assert piped(runs.passing()).splitlines()[-1] == "PASS  6 of 6 scenarios passed · 8.4 s · exit code 0"


def test_faults_and_an_interruption_are_told() -> None:
    results = [runs.result(one) for one in runs.TITLES][:3]
    cut = runs.result("members/role-change", verdict=Verdict.INCONCLUSIVE, ending=Ending.INTERRUPTED)
    output = piped(run_of(*results, cut, interrupted=True, faults=("judge schema crashed",)))
    assert "error of sync-check itself: judge schema crashed" in output
    assert "\ninterrupted: 4 of 6 scenarios ran (one of them cut short), 2 did not\n" in output


def test_the_place_of_the_report_is_told_before_the_verdict() -> None:
    *_, report, verdict = piped(runs.passing(), Path("out/report")).splitlines()
    assert report == "report   out/report"
    assert verdict.startswith("PASS")


def test_a_report_that_is_written_later_is_told_later() -> None:
    file = io.StringIO()
    sink = TerminalSink(Console(file=file))
    for event in runs.events(runs.passing()):
        sink.handle(event)
    assert "report  " not in file.getvalue()
    sink.report_written(Path("out/report"))
    assert file.getvalue().endswith("report   out/report\n")


def test_a_terminal_shows_progress_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    output = on_terminal(runs.passing(), 100, monkeypatch)
    assert "messages/edit  1/6" in output
    assert "\x1b[?25l" in output
    assert output.rindex("\x1b[?25h") > output.rindex("\x1b[?25l")
    assert "6/6" not in output[output.rindex("\x1b[2K") :]


@pytest.mark.parametrize(
    ("answers", "waited", "told"),
    [
        ([True], 12.0, True),
        ([True, True], 12.0, True),
        ([True], 1.0, False),
        ([True, False], 12.0, False),
        ([], 12.0, False),
    ],
)
def test_the_progress_line_tells_a_wait_that_the_target_imposes(
    answers: list[bool], waited: float, told: bool
) -> None:
    file, now = io.StringIO(), [100.0]
    sink = TerminalSink(Console(file=file, force_terminal=True, width=100, get_time=lambda: now[0]))
    sink.handle(runs.started())
    sink.handle(ScenarioStarted(id="messages/edit", title="An edit.", index=1, total=6))
    for is_throttled in answers:
        sink.throttled(is_throttled)
        now[0] += waited / len(answers)
    sink.close()  # draws the line once more before it takes it away
    assert ("0 operations  throttled by the target for 12 s" in file.getvalue()) == told


@pytest.mark.parametrize(
    ("passed", "told"), [(0.0, "waiting 41 s for requests_per_minute"), (30.0, "waiting 11 s"), (40.0, None)]
)
def test_the_progress_line_says_how_long_our_own_pacing_waits(passed: float, told: str | None) -> None:
    file, now = io.StringIO(), [100.0]
    sink = TerminalSink(Console(file=file, force_terminal=True, width=100, get_time=lambda: now[0]))
    sink.handle(runs.started())
    sink.handle(ScenarioStarted(id="messages/edit", title="An edit.", index=1, total=6))
    sink.waiting(41.0, "requests_per_minute")
    sink.waiting(3.0, "auth_requests_per_minute")
    before = len(file.getvalue())
    now[0] += passed
    sink.close()  # draws the line once more before it takes it away
    drawn = file.getvalue()[before:]
    assert (told in drawn) if told else ("waiting" not in drawn)


def test_no_color_means_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[32m" in on_terminal(runs.failing(), 100, monkeypatch)
    output = on_terminal(runs.failing(), 100, monkeypatch, NO_COLOR="1")
    assert not any(f"\x1b[{code}m" in output for code in (31, 32, 33, "1;31"))


def test_a_dumb_terminal_gets_no_control_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    output = on_terminal(runs.failing(), 80, monkeypatch, TERM="dumb", NO_COLOR="1")
    assert all(line.isprintable() for line in output.split("\n"))


def test_closing_early_takes_the_progress_away() -> None:
    file = io.StringIO()
    sink = TerminalSink(Console(file=file, force_terminal=True, width=80))
    sink.handle(runs.started())
    sink.handle(ScenarioStarted(id="messages/edit", title="An edit.", index=1, total=6))
    sink.close()
    sink.close()
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")


def test_on_sixty_columns_only_what_is_copied_is_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = replace(runs.started(), target="日本語" * 30)
    run = CompletedRun(started=wide, finished=runs.failing().finished)
    lines = on_terminal(run, 60, monkeypatch, TERM="dumb", NO_COLOR="1").splitlines()
    assert [line for line in lines if cell_len(line) > 60 and "repeat" not in line] == []
    assert any(line.endswith("…") for line in lines)
    (command,) = [line for line in lines if "repeat" in line and "workspace/rename" in line]
    assert command.endswith("sync-check run --clients 8 --seed 4 workspace/rename")


def test_an_output_that_is_not_unicode_is_no_obstacle() -> None:
    raw = io.BytesIO()
    sink = TerminalSink(Console(file=io.TextIOWrapper(raw, encoding="ascii", write_through=True)))
    for event in runs.events(runs.hostile("日本語 🎉")):
        sink.handle(event)
    assert b"\\u65e5\\u672c\\u8a9e" in raw.getvalue()


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_hostile_texts_neither_style_nor_move_anything(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    output = piped(runs.hostile(text))
    assert all(line.isprintable() for line in output.split("\n"))
    assert output.count("\n") == piped(runs.hostile("x")).count("\n")
    assert max(map(len, output.split("\n"))) < 3000
    codes = on_terminal(runs.hostile(text), 80, monkeypatch)
    assert "\x1b[2J" not in codes
    assert "\x1b]8" not in codes


def test_markup_is_shown_as_it_is() -> None:
    assert "[red]bold[/red] [link=https://evil.example]x[/link] :bomb:" in piped(
        runs.hostile(runs.HOSTILE["rich"])
    )


def test_what_is_only_worth_knowing_is_counted_and_left_to_the_report(tmp_path: Path) -> None:
    remarks = tuple(runs.finding(level=Level.INFO, message=f"a remark {number}") for number in range(2))
    run = run_of(runs.result("members/kick", *remarks))
    shown = piped(run, tmp_path)
    assert "a remark" not in shown
    assert "info     2 remarks in the report" in shown
    assert "in the report" not in piped(run)
