"""How findings and evidence make a verdict."""

from dataclasses import replace

import pytest

from sync_check.conformance.history import Ending
from sync_check.conformance.judges.lives import Health
from sync_check.conformance.judges.ruling import MOST_CPU, MOST_LAG_US, MOST_P99_US, Grounds, rule
from sync_check.conformance.verdict import Finding, Kind, Level, Verdict

GOOD = Grounds(
    findings=(),
    covers=("SCOPE-2",),
    witnesses={"SCOPE-2": 1},
    evidence={"operations": 1, "frames": 1, "comparisons": 1, "pairs": 10, "pairs_decided": 9},
    ending=Ending.COMPLETED,
)
WEAK = {"absences": 3, "absences_weak": 1}


def _finding(level: Level, requirement: str = "EVT-4") -> Finding:
    return Finding(
        scenario="s", level=level, kind=Kind.CONTRACT, judge="j", requirement=requirement, message="m"
    )


def test_a_pass_needs_all_evidence() -> None:
    assert rule(GOOD) == (Verdict.PASS, None)


def test_weak_fences_are_enough_for_a_run_that_is_not_strict() -> None:
    assert rule(replace(GOOD, evidence={**GOOD.evidence, **WEAK})) == (Verdict.PASS, None)


def test_a_strict_run_passes_on_strong_fences() -> None:
    assert rule(replace(GOOD, evidence={**GOOD.evidence, "absences": 3}, strict=True))[0] is Verdict.PASS


def test_what_fails_fails_on_weak_fences_too() -> None:
    grounds = replace(GOOD, evidence={**GOOD.evidence, **WEAK}, strict=True)
    assert rule(replace(grounds, findings=(_finding(Level.FAIL),)))[0] is Verdict.FAIL


@pytest.mark.parametrize("missing", ["canaries", "surfaces"])
def test_a_swept_workspace_passes_on_secrets_and_surfaces(missing: str) -> None:
    whole = {**GOOD.evidence, "canaries": 3, "surfaces": 9}
    assert rule(replace(GOOD, evidence=whole, swept=True))[0] is Verdict.PASS
    verdict, note = rule(replace(GOOD, evidence={**whole, missing: 0}, swept=True))
    assert (verdict, note is not None) == (Verdict.INCONCLUSIVE, True)
    assert rule(replace(GOOD, evidence={**whole, missing: 0}))[0] is Verdict.PASS


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ((Level.INFO,), Verdict.PASS),
        ((Level.LAX, Level.INFO), Verdict.LAX),
        ((Level.LAX, Level.FAIL), Verdict.FAIL),
    ],
)
def test_the_worst_finding_decides(levels: tuple[Level, ...], verdict: Verdict) -> None:
    assert rule(replace(GOOD, findings=tuple(map(_finding, levels))))[0] is verdict


@pytest.mark.parametrize(
    ("grounds", "note"),
    [
        (replace(GOOD, ending=Ending.CRASHED, message="why"), "the scenario was crashed: why"),
        (replace(GOOD, fault="crashed: judge x"), "crashed: judge x"),
        (replace(GOOD, blind="edit_message by ana (op 1)"), "edit_message by ana (op 1)"),
        (replace(GOOD, witnesses={}), "not witnessed: SCOPE-2"),
        (replace(GOOD, evidence={**GOOD.evidence, "operations": 0}), "it asked for no operation"),
        (replace(GOOD, evidence={**GOOD.evidence, "frames": 0}), "no frame was received"),
        (replace(GOOD, evidence={**GOOD.evidence, "comparisons": 0}), "nothing was compared"),
        (replace(GOOD, evidence={**GOOD.evidence, "pairs_decided": 8}), "only 8 of 10 pairs"),
        (replace(GOOD, evidence={**GOOD.evidence, **WEAK}, strict=True), "1 of 3 absences rest on weak"),
    ],
)
def test_doubt_is_never_green(grounds: Grounds, note: str) -> None:
    verdict, said = rule(grounds)
    assert verdict is Verdict.INCONCLUSIVE
    assert said is not None
    assert note in said
    assert rule(replace(grounds, findings=(_finding(Level.LAX),)))[0] is Verdict.INCONCLUSIVE
    assert rule(replace(grounds, findings=(_finding(Level.FAIL),)))[0] is Verdict.FAIL


def test_of_a_program_it_is_enough_that_something_is_decided() -> None:
    """It covers nothing, and may be so short that what two at once leave open is much of it."""
    program = replace(GOOD, covers=(), evidence={**GOOD.evidence, "pairs_decided": 1})
    assert rule(program) == (Verdict.PASS, None)
    nothing = replace(program, evidence={**GOOD.evidence, "pairs_decided": 0})
    assert rule(nothing) == (
        Verdict.INCONCLUSIVE,
        "only 0 of 10 pairs of event and connection are decided",
    )


def test_a_should_that_is_seen_to_be_broken_needs_no_other_witness() -> None:
    covers = replace(GOOD, covers=("SCOPE-2", "SCOPE-8"))
    broken = _finding(Level.LAX, "SCOPE-8")
    assert rule(replace(covers, findings=(broken,))) == (Verdict.LAX, None)
    aside = replace(broken, level=Level.INFO)
    assert rule(replace(covers, findings=(aside,)))[0] is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("kinds", "lag_us", "verdict"),
    [
        ((Kind.LIVENESS,), 0, Verdict.FAIL),
        ((Kind.LIVENESS,), MOST_LAG_US, Verdict.FAIL),
        ((Kind.LIVENESS,), MOST_LAG_US + 1, Verdict.INCONCLUSIVE),
        ((Kind.LIVENESS, Kind.SAFETY), 10 * MOST_LAG_US, Verdict.FAIL),
        ((Kind.CONTRACT,), 10 * MOST_LAG_US, Verdict.FAIL),
        ((), 10 * MOST_LAG_US, Verdict.PASS),
    ],
)
def test_what_is_missing_while_we_were_late_ourselves_is_nobodys_fault(
    kinds: tuple[Kind, ...], lag_us: int, verdict: Verdict
) -> None:
    findings = tuple(replace(_finding(Level.FAIL), kind=kind) for kind in kinds)
    assert rule(replace(GOOD, findings=findings, health=Health(lag_us=lag_us)))[0] is verdict


BUSY = Health(lag_p99_us=MOST_P99_US, cpu=MOST_CPU + 0.05)
LATE = Health(lag_p99_us=MOST_P99_US + 1)


@pytest.mark.parametrize("health", [BUSY, LATE])
def test_what_took_long_while_we_were_the_bottleneck_is_inconclusive_and_says_why(health: Health) -> None:
    slow = replace(_finding(Level.FAIL), kind=Kind.LIMIT, timed=True)
    verdict, note = rule(replace(GOOD, findings=(slow,), health=health))
    assert verdict is Verdict.INCONCLUSIVE
    assert note is not None
    assert "20 ms late (p99)" in note
    assert f"{health.cpu:.0%} of a processor" in note


@pytest.mark.parametrize("health", [BUSY, LATE])
def test_what_does_not_rest_on_time_fails_however_busy_we_were(health: Health) -> None:
    slow = replace(_finding(Level.FAIL), kind=Kind.LIMIT, timed=True)
    for findings in ((_finding(Level.FAIL),), (slow, _finding(Level.FAIL))):
        assert rule(replace(GOOD, findings=findings, health=health)) == (Verdict.FAIL, None)
    assert rule(replace(GOOD, health=health)) == (Verdict.PASS, None)


@pytest.mark.parametrize("health", [Health(), Health(lag_us=900_000, lag_p99_us=MOST_P99_US, cpu=MOST_CPU)])
def test_what_took_long_while_we_were_well_fails(health: Health) -> None:
    slow = replace(_finding(Level.FAIL), kind=Kind.LIMIT, timed=True)
    assert rule(replace(GOOD, findings=(slow,), health=health)) == (Verdict.FAIL, None)


def test_two_excuses_excuse_both() -> None:
    slow = replace(_finding(Level.FAIL), kind=Kind.LIMIT, timed=True)
    missing = replace(_finding(Level.FAIL), kind=Kind.LIVENESS)
    both = Health(lag_us=MOST_LAG_US + 1, lag_p99_us=MOST_P99_US + 1)
    verdict, note = rule(replace(GOOD, findings=(slow, missing), health=both))
    assert verdict is Verdict.INCONCLUSIVE
    assert note is not None
    assert "1.0 s late" in note
    assert "bottleneck" in note
    assert rule(replace(GOOD, findings=(slow, missing), health=LATE))[0] is Verdict.FAIL
