"""`docs/PLAN.md` claims no more than is true."""

from dataclasses import replace

import pytest

from tests.house.plan import DONE, NOT_STARTED, PLAN_FILE, Phase, faults, phases, with_endpoints
from tests.house.witnesses import PHASES, all_witnesses, coverage, uncovered_musts

TEXT = PLAN_FILE.read_text(encoding="utf-8")
SOUND = Phase(
    number=2,
    title="Messages",
    status=DONE,
    tasks=(("first", True), ("second", True)),
    sections={
        "Goal": "x",
        "Tasks": "x",
        "Exit criteria": "x",
        "Implementation note": "x",
    },
)


def without(section: str) -> dict[str, str]:
    return {name: text for name, text in SOUND.sections.items() if name != section}


def test_the_plan_has_its_eight_phases() -> None:
    assert [phase.number for phase in phases(TEXT)] == list(PHASES)


@pytest.mark.parametrize("phase", phases(TEXT), ids=lambda phase: str(phase.number))
def test_a_phase_is_told_truly(phase: Phase) -> None:
    assert faults(phase, uncovered_musts(phase.number, coverage(all_witnesses()))) == []


def test_every_phase_has_tasks() -> None:
    assert [phase.number for phase in phases(TEXT) if len(phase.tasks) < 3] == []


def test_the_generated_table_is_fresh() -> None:
    assert with_endpoints(TEXT) == TEXT, "docs/PLAN.md is out of date; renew it with: make docs"


def test_the_table_is_written_between_its_marks_only() -> None:
    marks = "before\n<!-- endpoints: begin -->\nold\n<!-- endpoints: end -->\nafter\n"
    renewed = with_endpoints(marks)
    assert renewed.startswith("before\n<!-- endpoints: begin -->\n\n| Endpoint")
    assert renewed.endswith("\n<!-- endpoints: end -->\nafter\n")
    assert "old\n" not in renewed
    assert with_endpoints(renewed) == renewed


def test_a_phase_is_read_from_its_heading_to_the_next() -> None:
    text = (
        "## Phase 3: One\n\nStatus: DONE\n\n### Goal\n\nG\n\n### Tasks\n\n- [x] a\n- [ ] b\n\n"
        "## Phase 4: Two\n\n### Goal\n\nH\n\n## Other\n\n- [x] c\n"
    )
    one, two = phases(text)
    assert (one.number, one.title, one.status) == (3, "One", "DONE")
    assert one.tasks == (("a", True), ("b", False))
    assert one.sections == {"Goal": "G", "Tasks": "- [x] a\n- [ ] b"}
    assert (two.status, two.tasks, two.sections) == ("", (), {"Goal": "H"})


@pytest.mark.parametrize(
    ("phase", "uncovered", "told"),
    [
        (SOUND, ["MSG-1"], "phase 2: done, but nothing covers MSG-1"),
        (replace(SOUND, tasks=(("first", False),)), [], "phase 2: done, but a task is open: first"),
        (
            replace(SOUND, sections=without("Implementation note")),
            [],
            "phase 2: done, but there is no text under 'Implementation note'",
        ),
        (replace(SOUND, sections=without("Goal")), [], "phase 2: no text under 'Goal'"),
        (
            replace(SOUND, status=NOT_STARTED, tasks=(("first", True),)),
            ["MSG-1"],
            "phase 2: not started, but done: first",
        ),
        (
            replace(SOUND, status="ALMOST"),
            [],
            "phase 2: status 'ALMOST' is none of NOT STARTED, IN PROGRESS, DONE",
        ),
    ],
)
def test_what_a_phase_may_not_claim(phase: Phase, uncovered: list[str], told: str) -> None:
    assert faults(phase, uncovered) == [told]


def test_a_phase_under_way_may_have_gaps() -> None:
    under_way = replace(
        SOUND, status="IN PROGRESS", tasks=(("first", False),), sections=without("Implementation note")
    )
    assert faults(under_way, ["MSG-1"]) == []
    assert faults(SOUND, []) == []
