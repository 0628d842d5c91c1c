"""`sync-check run`, as a user calls it: green, red, and what it leaves behind."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sync_check.conformance.history import RunEnded, ScenarioEnded, read_history
from sync_check.reference_server.defects import DEFECTS
from tests.sync_check.command import Ran, history_of, report_of, serving, sync_check, verdicts_of

ALL_FLOWS = {
    "messages/edit",
    "messages/delete",
    "workspace/rename",
    "members/role-change",
    "members/kick",
    "profile/update",
}


once = pytest.mark.xdist_group("the green run")
"""In one worker, so that the run that these tests look at happens once."""


@dataclass(frozen=True, kw_only=True)
class Green:
    folder: Path
    ran: Ran


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Green:
    """One run of everything on the embedded server."""
    folder = tmp_path_factory.mktemp("green") / "report"
    return Green(folder=folder, ran=sync_check("run", "--report", str(folder)))


@once
def test_all_flows_pass_on_the_embedded_server(green: Green) -> None:
    folder, ran = green.folder, green.ran
    assert ran.code == 0, ran.out + ran.err
    assert verdicts_of(folder) == dict.fromkeys(ALL_FLOWS, "pass")
    report = report_of(folder)
    assert report["verdict"] == "pass"
    assert report["totals"]["pass"] == len(ALL_FLOWS)
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
        ran = sync_check("run", "--target", url, "--report", str(folder))
    assert ran.code == 0, ran.out + ran.err
    assert verdicts_of(folder) == dict.fromkeys(ALL_FLOWS, "pass")
    accounts = [record for record in history_of(folder) if record["k"] == "client_known"]
    assert len(accounts) <= 12


@pytest.mark.parametrize(
    ("defect", "scenario", "requirement", "event"),
    [
        ("message-update-dropped", "messages/edit", "SCOPE-2", "message_update"),
        ("guild-event-to-stranger", "workspace/rename", "SCOPE-5", "workspace_update"),
        ("kick-keeps-stream", "members/kick", "ACCESS-3", "message_create"),
    ],
)
def test_each_defect_is_found_by_the_judge_meant_for_it(
    tmp_path: Path, defect: str, scenario: str, requirement: str, event: str
) -> None:
    folder = tmp_path / "report"
    ran = sync_check("run", scenario, "--defect", defect, "--clients", "4", "--report", str(folder))
    assert ran.code == 1, ran.out + ran.err
    judge = DEFECTS[defect].judge
    findings = [f for s in report_of(folder)["scenarios"] for f in s["findings"] if f["judge"] == judge]
    assert (requirement, event) in {(f["requirement"], f["event"]) for f in findings}
    assert all(f["requirement"] and f["client"] for f in findings)
    assert requirement == DEFECTS[defect].requirement


def test_the_flows_pass_with_as_few_clients_as_there_can_be(tmp_path: Path) -> None:
    ran = sync_check("run", "--clients", "2", "--report", str(tmp_path / "report"))
    assert ran.code == 0, ran.out + ran.err


def test_a_family_and_a_glob_select(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert sync_check("run", "messages", "*/kick", "--clients", "2", "--report", str(folder)).code == 0
    assert set(verdicts_of(folder)) == {"messages/edit", "messages/delete", "members/kick"}


@once
def test_the_history_is_complete_and_holds_no_secret(green: Green) -> None:
    with (green.folder / "history.ndjson").open("rb") as lines:
        records = list(read_history(lines))
    assert isinstance(records[-1], RunEnded)
    assert {record.scenario for record in records if isinstance(record, ScenarioEnded)} == ALL_FLOWS
    logins = [r for r in history_of(green.folder) if r["k"] == "invoked" and r["operation"] == "login"]
    assert logins
    assert all("secret:password" in record["arguments"]["password"] for record in logins)


@once
def test_output_off_a_terminal_is_one_line_per_scenario_without_control_codes(green: Green) -> None:
    assert "\x1b" not in green.ran.out
    lines = green.ran.out.splitlines()
    for scenario in ALL_FLOWS:
        assert sum(scenario in line and "PASS" in line for line in lines) == 1
