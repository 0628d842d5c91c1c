"""Findings of one cause are one group, the worst first."""

from dataclasses import replace

from sync_check.conformance.groups import group_findings
from sync_check.conformance.verdict import Excerpt, Kind, Level
from tests.reports import runs

LINE = Excerpt(at_us=1, who="ana", text="x")


def test_findings_of_one_operation_are_one_group() -> None:
    ana, ben = runs.finding(client="ana#1"), runs.finding(client="ben#1", requirement="SCOPE-3")
    (group,) = group_findings([runs.result("workspace/rename", ana, ben, ana)])
    assert len(group.findings) == 3
    assert group.clients == ("ana#1", "ben#1")
    assert group.requirements == ("SCOPE-5", "SCOPE-3")


def test_without_an_operation_the_rule_and_the_event_make_the_group() -> None:
    one = runs.finding(cause=None)
    other = runs.finding(cause=None, event="channel_create")
    assert len(group_findings([runs.result("workspace/rename", one, other, one)])) == 2


def test_the_worst_group_is_first_safety_before_the_rest() -> None:
    levels = [
        runs.finding(cause=f"{level} {kind}", level=level, kind=kind)
        for level in (Level.INFO, Level.LAX, Level.FAIL)
        for kind in (Kind.LIMIT, Kind.CONTRACT, Kind.LIVENESS, Kind.SAFETY)
    ]
    leads = [group.lead for group in group_findings([runs.result("workspace/rename", *levels)])]
    assert leads == levels[::-1]


def test_of_equal_groups_the_larger_is_first_then_the_earlier() -> None:
    small, large, late = (runs.finding(cause=cause) for cause in ("small", "large", "late"))
    groups = group_findings([runs.result("a", small, large), runs.result("b", large, late)])
    assert [group.lead.cause for group in groups] == ["large", "small", "late"]


def test_the_worst_finding_with_the_shortest_slice_of_history_leads() -> None:
    bare, long, short = (runs.finding(excerpt=lines) for lines in ((), (LINE, LINE), (LINE,)))
    mild = runs.finding(level=Level.LAX, excerpt=(LINE,))
    (group,) = group_findings([runs.result("workspace/rename", mild, bare, long, short)])
    assert group.lead is short
    assert group.others == (long, bare, mild)


def test_of_equal_findings_the_one_that_came_first_leads() -> None:
    moments = ((5, 9), (3, 8), (1, 2, 7))
    late, early, first = (
        runs.finding(client=f"c{len(at)}{at[0]}#1", excerpt=tuple(replace(LINE, at_us=us) for us in at))
        for at in moments
    )
    (group,) = group_findings([runs.result("workspace/rename", late, early, first)])
    assert group.findings == (first, early, late)


def test_of_equal_findings_the_missing_event_leads_not_the_replica_that_it_leaves_behind() -> None:
    effect = runs.finding(judge="convergence", excerpt=(LINE,))
    fault = runs.finding(judge="delivery", excerpt=(LINE, LINE, LINE))
    (group,) = group_findings([runs.result("workspace/rename", effect, fault)])
    assert group.lead is fault


def test_a_limit_that_is_off_leads_before_the_status_that_it_explains_and_behind_what_harms() -> None:
    status = runs.finding(judge="answers", kind=Kind.CONTRACT)
    limit = runs.finding(judge="limits", kind=Kind.LIMIT)
    other = runs.finding(judge="objectives", kind=Kind.LIMIT)
    leak = runs.finding(judge="delivery", kind=Kind.SAFETY)
    (group,) = group_findings([runs.result("a", other, status, limit)])
    assert group.findings == (limit, status, other)
    (group,) = group_findings([runs.result("a", status, limit, leak)])
    assert group.findings == (leak, limit, status)
