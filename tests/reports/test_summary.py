import re

import pytest
from markdown_it import MarkdownIt

from sync_check.reports.completed import CompletedRun
from sync_check.reports.summary import GROUPS, summary_md
from tests.reports import runs


def tags(markdown: str) -> list[str]:
    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown)
    return re.findall("<[^>]*>", html)


def test_the_page_has_verdict_scenarios_findings_and_commands() -> None:
    page = summary_md(runs.failing())
    for part in (
        "# sync-check: FAIL",
        "**3 of 6 scenarios failed**",
        "| **FAIL** | workspace/rename |",
        "### 1. FAIL · safety · SCOPE-5 · workspace/rename",
        "> A guild-scope event reaches no connection",
        "client    stranger#1",
        "`sync-check run --clients 8 --seed 4 workspace/rename`",
        "members/role-change: a fence of ben#1 did not arrive within 5 s",
    ):
        assert part in page


def test_a_passing_run_has_no_findings() -> None:
    page = summary_md(runs.passing())
    assert "# sync-check: PASS" in page
    assert "## Findings" not in page


def test_an_interruption_and_faults_are_told() -> None:
    end = runs.finished(interrupted=True, faults=("judge schema crashed",))
    page = summary_md(CompletedRun(started=runs.started(), finished=end))
    assert "The run was interrupted: 0 of 6 scenarios ran, 6 did not." in page
    assert "Error of sync-check itself: judge schema crashed" in page


def test_groups_are_bounded() -> None:
    findings = [runs.finding(cause=f"op {n}", event=f"event_{n}") for n in range(GROUPS + 3)]
    run = CompletedRun(
        started=runs.started(), finished=runs.finished(runs.result("workspace/rename", *findings))
    )
    page = summary_md(run)
    assert page.count("\n### ") == GROUPS
    assert "3 more groups" in page


def test_what_is_alike_in_several_scenarios_is_told_once_with_their_names() -> None:
    results = [
        runs.result(one, runs.finding(scenario=one, cause=None)) for one in ("messages/edit", "members/kick")
    ]
    page = summary_md(CompletedRun(started=runs.started(), finished=runs.finished(*results)))
    assert page.count("\n### ") == 1
    assert "### 1. FAIL · safety · SCOPE-5 · messages/edit and 1 more scenario" in page
    assert "scenarios messages/edit, members/kick" in page


@pytest.mark.parametrize("text", runs.HOSTILE.values(), ids=runs.HOSTILE)
def test_hostile_texts_change_nothing_but_texts(text: str) -> None:
    page = summary_md(runs.hostile(text))
    assert page.encode()
    assert tags(page) == tags(summary_md(runs.hostile("x")))
