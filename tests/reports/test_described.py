import pytest

from sync_check.conformance.groups import FindingGroup
from sync_check.conformance.verdict import Excerpt, Finding
from sync_check.reports.described import heading, rows
from tests.reports import runs


def told(*findings: Finding) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    label = ""
    for row in rows(FindingGroup(findings=findings)):
        label = row.label or label
        found.setdefault(label, []).append(row.text)
    return found


def test_the_facts_of_the_lead_are_told() -> None:
    facts = told(runs.finding())
    assert facts["client"] == ["stranger#1"]
    assert facts["event"] == ["workspace_update"]
    assert facts["cause"] == ["update_guild by ana (op 41)"]
    assert facts["expected"] == ["nothing of guild 01J9ZK3V6T4Q8W2N5M7B1C0D2E"]
    assert facts["history"][2] == "0.914802 s  stranger#1  workspace_update, which nothing explains"
    assert "also" not in facts


def test_what_is_unknown_is_left_out() -> None:
    bare = runs.finding(client=None, event=None, cause=None, expected=None, received=None, excerpt=())
    assert list(told(bare)) == ["judge"]


def test_the_rest_of_the_group_is_counted() -> None:
    group = [runs.finding(client=f"c{number}#1") for number in range(8)]
    also = told(*group, runs.finding(requirement="SCOPE-3"))["also"]
    assert also == [
        "8 more findings of this cause",
        "requirements SCOPE-5, SCOPE-3",
        "clients c0#1, c1#1, c2#1, c3#1, c4#1 and 4 more",
    ]


def test_a_long_slice_of_history_is_cut_with_a_count() -> None:
    lines = tuple(Excerpt(at_us=at, who="ana", text="x") for at in range(20))
    assert told(runs.finding(excerpt=lines))["history"][-1] == "… 8 more lines"


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_everything_told_is_visible_and_bounded(text: str) -> None:
    for result in runs.hostile(text).results:
        group = FindingGroup(findings=result.findings)
        for line in (heading(group), *(row.text for row in rows(group))):
            assert line.isprintable()
            assert len(line) < 800
