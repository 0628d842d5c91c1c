"""`sync-check run`, as a user calls it: green, red, and what it leaves behind."""

from pathlib import Path

from sync_check.conformance.history import RunEnded, ScenarioEnded, read_history
from sync_check.reference_server.defects import DEFECTS
from sync_check.scenarios.catalogue import catalogue, select
from tests.sync_check.command import Ran, history_of, report_of, serving, sync_check, verdicts_of

ALL_FLOWS = {one.id for one in catalogue()}
SOME_FLOWS = ("messages/edit", "roles/assign", "friends/accept", "voice/join")
"""All pass over sockets in a stage of their own of `.ci/run`."""
UNDER_DEFAULT_LIMITS = ("messages/edit", "members/kick", "profile/update")
"""Scenarios that take seconds under default limits; all together take minutes."""


def test_a_flow_of_each_kind_passes_on_the_embedded_server(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    ran = sync_check("run", *SOME_FLOWS, "--clients", "3", "--report", str(folder))
    assert ran.code == 0, ran.out + ran.err
    check_report(folder)
    check_history(folder)
    check_output(ran)


def check_report(folder: Path) -> None:
    assert verdicts_of(folder) == dict.fromkeys(SOME_FLOWS, "pass")
    report = report_of(folder)
    assert report["verdict"] == "pass"
    assert report["totals"]["pass"] == len(SOME_FLOWS)
    assert report["latency_ms"]["p50"] > 0
    assert {path.name for path in folder.iterdir()} == {
        "report.json",
        "junit.xml",
        "summary.md",
        "index.html",
        "history.ndjson",
    }
    for scenario in report["scenarios"]:
        assert set(scenario["requirements"]) <= {
            requirement["id"]
            for requirement in report["requirements"]
            if requirement["status"] == "witnessed"
        }


def test_a_served_target_under_default_limits_gets_the_same_verdicts_with_few_accounts(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "report"
    with serving() as url:
        ran = sync_check("run", *UNDER_DEFAULT_LIMITS, "--target", url, "--report", str(folder))
    assert ran.code == 0, ran.out + ran.err
    assert verdicts_of(folder) == {one.id: "pass" for one in select(UNDER_DEFAULT_LIMITS)}
    accounts = [record for record in history_of(folder) if record["k"] == "client_known"]
    assert len(accounts) <= 12


def test_a_defect_is_found_by_the_judge_meant_for_it_beside_a_variant_that_is_legal(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    defect, variant = DEFECTS["kick-keeps-stream"], "actors-left-out"
    words = ("--defect", defect.id, "--variant", variant, "--clients", "4")
    ran = sync_check("run", defect.shown_by, *words, "--report", str(folder))
    assert ran.code == 1, ran.out + ran.err
    assert f"embedded with defect {defect.id}, variant {variant}" in ran.out
    findings = [one for s in report_of(folder)["scenarios"] for one in s["findings"]]
    assert all(one["requirement"] and one["client"] for one in findings)
    found = {(one["judge"], one["requirement"], one["event"]) for one in findings}
    assert (defect.judge, defect.requirement, "message_create") in found


def test_what_families_and_globs_select_passes_with_as_few_clients_as_there_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    patterns = ("di*", "search", "*/rename")
    least = max(one.clients for one in select(patterns))
    words = ("--clients", str(least), "--target", "sim", "--report", str(folder))
    ran = sync_check("run", *patterns, *words)
    assert ran.code == 0, ran.out + ran.err
    assert set(verdicts_of(folder)) == {
        one for one in ALL_FLOWS if one.startswith(("di", "search/")) or one.endswith("/rename")
    }


def check_history(folder: Path) -> None:
    """It is complete and holds no secret."""
    with (folder / "history.ndjson").open("rb") as lines:
        records = list(read_history(lines))
    assert isinstance(records[-1], RunEnded)
    assert {record.scenario for record in records if isinstance(record, ScenarioEnded)} == set(SOME_FLOWS)
    logins = [r for r in history_of(folder) if r["k"] == "invoked" and r["operation"] == "login"]
    assert logins
    assert all("secret:password" in record["arguments"]["password"] for record in logins)


def check_output(ran: Ran) -> None:
    """Off a terminal it is one line per scenario, without control codes."""
    assert "\x1b" not in ran.out
    lines = ran.out.splitlines()
    for scenario in SOME_FLOWS:
        assert sum(scenario in line and "PASS" in line for line in lines) == 1
