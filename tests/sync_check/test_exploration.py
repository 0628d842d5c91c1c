"""Exploring: a clean server is clean, a defect is found and made small, and its file is replayed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sync_check.cli import app
from sync_check.conformance.verdict import Verdict
from sync_check.counterexamples import Counterexample, CounterexampleError, Found, kept_scenarios, load, save
from sync_check.exploration import Ground, Kind, Share, distinct, explore, play, smaller
from sync_check.harness.explorer.program import Program, Step
from sync_check.harness.target import DRIVEN_FEATURES

PROGRAM = Program(
    members=2,
    strangers=1,
    channels=1,
    steps=(
        Step(
            by="u0",
            do="create_message",
            args={"guild_id": "$g", "channel_id": "$c0", "content": "~x"},
            makes="m1",
        ),
    ),
)
STRANGER = "message-to-stranger"


def _kept(defect: str | None = STRANGER) -> Counterexample:
    finding = play(PROGRAM, 1, Ground(defect=STRANGER)).results[0].findings[0]
    return Counterexample(target="sim", seed=1, defect=defect, finding=Found.of(finding), program=PROGRAM)


def _share(ground: Ground, programs: int) -> Share:
    return Share(ground=ground, seed=1, programs=programs, steps=20, features=DRIVEN_FEATURES)


def test_nothing_is_found_of_a_clean_server() -> None:
    explored = explore(_share(Ground(), 5))
    assert (explored.played, explored.hits, explored.faults) == (5, (), ())


def test_a_defect_is_found_and_made_small() -> None:
    ground = Ground(defect="guild-event-to-stranger")
    hits = list(distinct([explore(_share(ground, 2))]))
    assert hits
    hit, finding = hits[0]
    program, told = smaller(hit, finding, ground)
    assert Kind.of(told) == Kind.of(finding)
    assert len(program.steps) <= 6 < len(hit.program.steps)
    assert play(program, hit.seed, Ground()).results[0].verdict is Verdict.PASS


def test_a_counterexample_is_kept_and_read_again(tmp_path: Path) -> None:
    kept = _kept()
    path = save(kept, tmp_path / "new")
    assert load(path) == kept
    assert [scenario.id for scenario, _ in kept_scenarios(tmp_path / "new")] == [
        f"counterexamples/{path.stem}"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"schema_version": 1, "prog', "it is no whole JSON"),
        ("[1]", "it is no counterexample"),
        ('{"program": {}}', "it is no counterexample"),
        ('{"schema_version": 2, "program": {}}', "written by a later sync-check; this one knows 1"),
        ('{"schema_version": 1, "program": {"version": 7}}', "version 7, this sync-check knows 1"),
        ('{"schema_version": 1, "program": {}}', "Field required"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CounterexampleError, match=words):
        load(path)
    result = CliRunner().invoke(app, ["replay", str(path)])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_replaying_is_red_with_the_fault_and_green_without(tmp_path: Path) -> None:
    path = save(_kept(), tmp_path)
    report = ["--report", str(tmp_path / "report")]
    assert CliRunner().invoke(app, ["replay", str(path), *report]).exit_code == 1
    again = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert again["scenarios"][0]["findings"][0]["requirement"] == "SCOPE-3"
    clean = CliRunner().invoke(app, ["replay", str(path), "--clean", *report])
    assert (clean.exit_code, "PASS" in clean.stdout) == (0, True)


def test_what_was_saved_is_played_first(tmp_path: Path) -> None:
    save(_kept(), tmp_path)
    words = ["explore", "--programs", "1", "--steps", "1", "--save", str(tmp_path)]
    clean = CliRunner().invoke(app, words)
    assert clean.exit_code == 0
    assert clean.stdout.splitlines()[1].startswith("ok    scope-3-")
    faulty = CliRunner().invoke(app, [*words, "--defect", STRANGER])
    assert faulty.exit_code == 1
    assert faulty.stdout.splitlines()[1].startswith("FAIL  scope-3-")


@pytest.mark.parametrize(
    ("option", "text"), [("--programs", "0"), ("--steps", "many"), ("--jobs", "65"), ("--save", "")]
)
def test_bad_values_are_named(option: str, text: str) -> None:
    result = CliRunner().invoke(app, ["explore", option, text])
    assert result.exit_code == 2
    assert option in result.stderr
