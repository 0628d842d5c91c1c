from sync_check.conformance.verdict import Excerpt, Finding, Kind, Level
from sync_check.reports.groups import group_findings, merge_alike
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


def test_of_equal_findings_the_missing_event_leads_not_the_replica_that_it_leaves_behind() -> None:
    effect = runs.finding(judge="convergence", excerpt=(LINE,))
    fault = runs.finding(judge="delivery", excerpt=(LINE, LINE, LINE))
    (group,) = group_findings([runs.result("workspace/rename", effect, fault)])
    assert group.lead is fault


def alike(*findings: Finding) -> int:
    """How many groups are left of findings of different causes."""
    results = [runs.result(one.scenario, one) for one in findings]
    groups = group_findings(results)
    assert len(groups) == len(findings)
    return len(merge_alike(groups))


def test_groups_that_say_the_same_of_other_scenarios_clients_and_ids_become_one() -> None:
    assert (
        alike(
            runs.finding(
                scenario="a", cause="1", client="ivo#1", message="guild 01J9ZK3V6T4Q8W2N5M7B1C0D2E, 7 at ivo"
            ),
            runs.finding(
                scenario="b", cause="2", client="eva#6", message="guild 01J9ZK3V6T4Q8W2N5M7B1C0D2F, 12 at eva"
            ),
        )
        == 1
    )


def test_groups_that_differ_in_anything_else_stay_apart() -> None:
    differences: tuple[dict[str, object], ...] = (
        {},
        {"level": Level.LAX},
        {"kind": Kind.LIVENESS},
        {"judge": "leaks"},
        {"requirement": "SCOPE-2"},
        {"event": "channel_create"},
        {"event": None},
        {"message": "something else"},
    )
    findings = [runs.finding(cause=str(n), **changed) for n, changed in enumerate(differences)]
    assert alike(*findings) == len(differences)


def test_a_name_within_a_word_is_no_name() -> None:
    assert (
        alike(
            runs.finding(cause="1", client="eva#1", message="evaluated"),
            runs.finding(cause="2", client="dan#1", message="danluated"),
        )
        == 2
    )


def test_of_merged_groups_all_findings_are_kept_and_the_worst_leads() -> None:
    long, short = (
        runs.finding(scenario=one, cause=one, excerpt=(LINE,) * n) for one, n in (("a", 3), ("b", 1))
    )
    (group,) = merge_alike(group_findings([runs.result("a", long, long), runs.result("b", short)]))
    assert group.findings == (short, long, long)
    assert (group.scenarios, group.causes) == (("b", "a"), 2)
