"""A closed or broken standard output ends neither the run nor its exit code."""

import json
import subprocess
from pathlib import Path

from tests.sync_check.command import BUDGET_S, arguments, sync_check_here


def shell(script: str, cwd: Path) -> int:
    done = subprocess.run(["bash", "-c", script], cwd=cwd, timeout=BUDGET_S, check=False, capture_output=True)
    assert b"Traceback" not in done.stderr
    return done.returncode


def test_a_reader_that_goes_away_does_not_end_the_run(tmp_path: Path) -> None:
    run = " ".join(arguments("run", "messages/edit", "--clients", "2"))
    assert shell(f"{run} | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}", tmp_path) == 0
    assert json.loads((tmp_path / "sync-check-report" / "report.json").read_text())["verdict"] == "pass"


def test_a_closed_standard_output_is_no_output_at_all(tmp_path: Path) -> None:
    run = " ".join(arguments("run", "messages/edit", "--clients", "2"))
    assert shell(f"{run} <&- >&-", tmp_path) == 0
    assert json.loads((tmp_path / "sync-check-report" / "report.json").read_text())["verdict"] == "pass"


def test_a_list_may_be_cut_short(tmp_path: Path) -> None:
    listing = " ".join(arguments("list", "--json"))
    assert shell(f"{listing} | true; exit ${{PIPESTATUS[0]}}", tmp_path) == 0


def test_without_a_command_the_help_is_shown() -> None:
    ran = sync_check_here()
    assert ran.code == 2
    assert "serve" in ran.out
