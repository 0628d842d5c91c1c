from sync_check.conformance.groups import group_findings
from sync_check.conformance.verdict import Excerpt, Finding, Kind, Level
from sync_check.reports.groups import kinds_first, merge_alike
from tests.reports import runs

LINE = Excerpt(at_us=1, who="ana", text="x")


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


def test_where_all_groups_are_shown_one_of_each_kind_comes_first_in_the_order_of_the_merged_ones() -> None:
    often = [runs.finding(scenario=one, cause=one, message=f"m {n}") for n, one in enumerate("abc")]
    large = [runs.finding(scenario="d", cause="d", event="channel_create")] * 2
    lax = runs.finding(scenario="e", cause="e", level=Level.LAX)
    groups = group_findings([runs.result("a", *often, *large, lax)])
    assert [group.lead for group in groups] == [large[0], *often, lax]
    assert [len(group.findings) for group in merge_alike(groups)] == [3, 2, 1]
    shown = kinds_first(groups)
    assert [group.lead for group in shown] == [often[0], large[0], *often[1:], lax]
    assert set(shown) == set(groups)
