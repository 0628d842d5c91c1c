"""Exploring: a clean server is clean, and a defect is found and made small."""

import pytest
from typer.testing import CliRunner

from sync_check.cli import app
from sync_check.conformance.verdict import Verdict
from sync_check.exploration import Ground, Kind, Share, distinct, explore, play, red, smaller
from sync_check.harness.target import DRIVEN_FEATURES


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
    small = smaller(hit, finding, ground)
    assert Kind.of(small.finding) == Kind.of(finding)
    assert len(small.program.steps) <= 6 < len(hit.program.steps)
    assert Kind.of(finding) in map(Kind.of, red(play(small.program, small.seed, ground).results[0]))
    assert play(small.program, small.seed, Ground()).results[0].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("option", "text"), [("--programs", "0"), ("--steps", "many"), ("--jobs", "65"), ("--save", "")]
)
def test_bad_values_are_named(option: str, text: str) -> None:
    result = CliRunner().invoke(app, ["explore", option, text])
    assert result.exit_code == 2
    assert option in result.stderr
