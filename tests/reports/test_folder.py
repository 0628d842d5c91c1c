from pathlib import Path
from typing import Any

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import SCHEMA, Ending, Estimate, Header, RunEnded, encode_record
from sync_check.reports.files import write_reports
from sync_check.reports.folder import ReportFolder, ReportFolderError
from tests.reports import runs

HEADER = encode_record(
    Header(
        schema=SCHEMA,
        run_id="R1",
        seed=4,
        target="embedded",
        contract_revision=2,
        declared=(),
        features=(),
        version="0.1.0",
        clients=3,
        strict=False,
        started_at="2025-10-09T08:53:20+00:00",
        plan=(),
        estimate=Estimate(accounts=0, guilds=0, requests=0, seconds=0.0),
        limits=Limits(),
        repeat=(),
    )
)
MORE = encode_record(RunEnded(at=1, ending=Ending.COMPLETED, records=2))


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every path below `folder` with its bytes, None for folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def with_report(path: Path) -> Path:
    path.mkdir()
    write_reports(runs.passing(), path)
    return path


def finish(claimed: ReportFolder) -> None:
    (claimed.partial / "history.ndjson").write_bytes(HEADER + MORE)
    write_reports(runs.failing(), claimed.partial)


def refused(path: Path) -> ReportFolderError:
    with pytest.raises(ReportFolderError) as caught:
        ReportFolder.claim(path, "R1")
    assert "\n" not in str(caught.value)
    assert "name " in caught.value.reason
    return caught.value


def test_a_claim_creates_nothing_but_the_sibling(tmp_path: Path) -> None:
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    assert claimed.partial == tmp_path / "report.R1.partial"
    assert contents(tmp_path) == {"report.R1.partial": None}


def test_publishing_moves_the_sibling_to_its_place(tmp_path: Path) -> None:
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    finish(claimed)
    written = contents(claimed.partial)
    assert claimed.publish() == tmp_path / "report"
    assert contents(tmp_path / "report") == written
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    finish(claimed)
    claimed.publish()
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_report_of_ours_is_replaced_and_lies_there_until_then(tmp_path: Path) -> None:
    old = with_report(tmp_path / "report")
    before = contents(old)
    claimed = ReportFolder.claim(old, "R1")
    finish(claimed)
    assert contents(old) == before
    claimed.publish()
    assert '"verdict": "fail"' in (old / "report.json").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_what_a_crashed_run_left_is_recognised_by_its_history(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "history.ndjson").write_bytes(HEADER + b'{"k":"torn')
    ReportFolder.claim(tmp_path / "report", "R1")


@pytest.mark.parametrize(
    "files",
    [
        {"thesis.txt": b"years of work"},
        {"report.json": b"{}"},
        {"report.json": b"not json"},
        {"report.json": b"[" * 100_000},
        {"report.json": b'{"tool":"other","schema":1}'},
        {"index.html": b"<html>a site</html>"},
        {"history.ndjson": b""},
        {"history.ndjson": MORE},
        {"history.ndjson": HEADER, "notes.md": b"mine"},
        {"history.ndjson": HEADER, "\x1b[2J": b""},
    ],
    ids=["text", "empty", "no-json", "deep", "other", "site", "no-header", "record", "beside", "ansi"],
)
def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "report").mkdir()
    for name, content in files.items():
        (tmp_path / "report" / name).write_bytes(content)
    before = contents(tmp_path)
    error = refused(tmp_path / "report")
    assert error.path == tmp_path / "report"
    assert str(error).isprintable()
    assert contents(tmp_path) == before


def test_a_folder_beside_our_files_is_foreign(tmp_path: Path) -> None:
    (with_report(tmp_path / "report") / "summary.md").unlink()
    (tmp_path / "report" / "summary.md").mkdir()
    assert "summary.md" in refused(tmp_path / "report").reason


def test_a_link_beside_our_files_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(HEADER)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "history.ndjson").symlink_to(tmp_path / "elsewhere")
    refused(tmp_path / "report")


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("x", encoding="utf-8")
    assert "it is a file" in str(refused(tmp_path / "report"))


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    before = contents(tmp_path)
    for path in (tmp_path / "file" / "report", tmp_path / "file" / "deep" / "report"):
        assert "Not a directory" in refused(path).reason
    assert "too long" in refused(tmp_path / "a" / ("x" * 300)).reason
    assert "too long" in refused(tmp_path / "a" / ("x" * 250)).reason
    assert contents(tmp_path) == before


def test_the_working_folder_and_what_is_above_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for path in (Path(), Path("/"), tmp_path):
        assert "inside it" in refused(path).reason
    assert ReportFolder.claim(Path("report"), "R1").partial == tmp_path / "work" / "report.R1.partial"


def test_a_mount_point_is_refused() -> None:
    assert "inside it" in refused(Path("/dev")).reason


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    with_report(tmp_path / "real")
    (tmp_path / "report").symlink_to(tmp_path / "real", target_is_directory=True)
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    assert claimed.partial == tmp_path / "real.R1.partial"
    finish(claimed)
    claimed.publish()
    assert (tmp_path / "report").is_symlink()
    assert (tmp_path / "real" / "history.ndjson").exists()


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    refused(tmp_path / "a")


def test_missing_parents_are_created_and_taken_away_with_an_empty_claim(tmp_path: Path) -> None:
    claimed = ReportFolder.claim(tmp_path / "a" / "b" / "report", "R1")
    assert claimed.partial.is_dir()
    claimed.abandon()
    assert contents(tmp_path) == {}


def test_parents_that_could_not_all_be_created_are_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = Path.mkdir

    def no_space(path: Path) -> None:
        if path.name == "b":
            raise OSError(28, "No space left on device")
        mkdir(path)

    monkeypatch.setattr(Path, "mkdir", no_space)
    assert "No space" in refused(tmp_path / "a" / "b" / "report").reason
    assert contents(tmp_path) == {}


def test_abandoning_keeps_what_is_useful(tmp_path: Path) -> None:
    for useful in ("history.ndjson", "report.json"):
        claimed = ReportFolder.claim(tmp_path / useful, "R1")
        (claimed.partial / useful).write_bytes(HEADER + MORE)
        claimed.abandon()
        assert (claimed.partial / useful).read_bytes() == HEADER + MORE


def test_abandoning_takes_away_a_history_that_is_only_a_header(tmp_path: Path) -> None:
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    (claimed.partial / "history.ndjson").write_bytes(HEADER)
    claimed.abandon()
    assert contents(tmp_path) == {}
    claimed.abandon()


def test_what_a_crash_left_is_not_touched_by_a_run_of_the_same_id(tmp_path: Path) -> None:
    crashed = ReportFolder.claim(tmp_path / "report", "R1")
    (crashed.partial / "history.ndjson").write_bytes(HEADER)
    again = ReportFolder.claim(tmp_path / "report", "R1")
    assert again.partial == tmp_path / "report.R1.2.partial"
    finish(again)
    again.publish()
    assert (crashed.partial / "history.ndjson").read_bytes() == HEADER


class Crash(BaseException):
    """The process ends here."""


def failing_rename(monkeypatch: pytest.MonkeyPatch, fault: BaseException, *, at: int) -> None:
    """Make the rename that is number `at` raise `fault`."""
    rename = Path.rename
    seen: list[Path] = []

    def renamed(path: Path, target: Any) -> Path:
        seen.append(path)
        if len(seen) == at:
            raise fault
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", renamed)


@pytest.mark.parametrize("at", [1, 2])
def test_a_crash_while_publishing_loses_neither_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    old = contents(with_report(tmp_path / "report"))
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    finish(claimed)
    new = contents(claimed.partial)
    failing_rename(monkeypatch, Crash(), at=at)
    with pytest.raises(Crash):
        claimed.publish()
    found = [contents(path) for path in tmp_path.iterdir()]
    assert old in found
    assert new in found


def test_after_a_crash_between_the_renames_the_next_run_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_report(tmp_path / "report")
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    finish(claimed)
    with monkeypatch.context() as patch:
        failing_rename(patch, Crash(), at=2)
        with pytest.raises(Crash):
            claimed.publish()
    again = ReportFolder.claim(tmp_path / "report", "R1")
    finish(again)
    assert again.publish() == tmp_path / "report"


def test_after_a_crash_before_the_old_report_was_deleted_the_next_run_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_report(tmp_path / "report")
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    finish(claimed)

    def crash(path: Path, missing_ok: bool = False) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", crash)
        with pytest.raises(Crash):
            claimed.publish()
    again = ReportFolder.claim(tmp_path / "report", "R1")
    finish(again)
    assert again.publish() == tmp_path / "report"


def test_when_the_new_report_cannot_be_moved_the_old_one_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = contents(with_report(tmp_path / "report"))
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    finish(claimed)
    failing_rename(monkeypatch, OSError(5, "Input/output error"), at=2)
    with pytest.raises(ReportFolderError, match=r"Input/output error.*they are in .*R1\.partial"):
        claimed.publish()
    assert contents(tmp_path / "report") == old
    assert claimed.partial.is_dir()


def test_a_folder_that_became_foreign_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    claimed = ReportFolder.claim(tmp_path / "report", "R1")
    finish(claimed)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ReportFolderError, match=r"thesis\.txt.*they are in"):
        claimed.publish()
    assert contents(tmp_path / "report") == {"thesis.txt": b"x"}
    assert (claimed.partial / "report.json").exists()
